package io.penstock.storage.log;

/**
 * The published end of a log: everything below {@code offset} and, in the active segment, below
 * {@code position} is written and indexed in memory. Replaced as a whole, so that a reader never
 * sees an offset without its bytes.
 */
record LogEnd(long offset, LogSegment segment, int position) {
  /** Whether nothing was appended, rolled or cut between the two. */
  boolean isSame(LogEnd other) {
    return offset == other.offset && segment == other.segment && position == other.position;
  }
}
