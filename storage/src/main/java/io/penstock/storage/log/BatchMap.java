package io.penstock.storage.log;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Where the latest batches of a segment begin, in memory, so that fetches of the tail find their
 * range without a system call. A ring of (last offset, position) of consecutive batches, written by
 * the segment's writer and read by any thread without a lock: an entry is published by the count,
 * and an answer is taken only if none of the entries it rests on was overwritten meanwhile.
 */
final class BatchMap {
  static final int NOT_COVERED = -1;
  static final int ENTRIES_MIN = 64;
  static final int ENTRIES_MAX = 1 << 16;

  private final long baseOffset;

  /** The first offset that the map can speak of: everything below lies before its first entry. */
  private final long coveredFrom;

  private volatile Entries entries;

  /** Entries below this number did not move along when the ring grew. */
  private volatile long emptyBelow;

  /** A ring and how many entries were ever written to it; slot = number modulo length. */
  private static final class Entries {
    final AtomicLongArray slots;
    volatile long count;

    Entries(int capacity) {
      slots = new AtomicLongArray(capacity);
    }

    long at(long number) {
      return slots.getAcquire((int) (number & (slots.length() - 1)));
    }

    /** The oldest entry that a writer in the middle of the next one does not touch. */
    long oldest() {
      return Math.max(0, count - slots.length() + 1);
    }
  }

  BatchMap(long segmentBaseOffset, long coveredFrom) {
    this.baseOffset = segmentBaseOffset;
    this.coveredFrom = coveredFrom;
    this.entries = new Entries(ENTRIES_MIN);
  }

  /** Bytes of heap that the entries take. */
  int heapBytes() {
    return entries.slots.length() * Long.BYTES;
  }

  /** Whether the next entry overwrites the oldest one. */
  boolean isFull() {
    Entries current = entries;
    return current.count >= current.slots.length() - 1;
  }

  /** Doubles the room; only the writer calls. */
  void grow() {
    Entries old = entries;
    Entries grown = new Entries(old.slots.length() * 2);
    for (long number = old.oldest(); number < old.count; number++) {
      grown.slots.setPlain((int) (number & (grown.slots.length() - 1)), old.at(number));
    }
    grown.count = old.count;
    emptyBelow = old.oldest();
    entries = grown;
  }

  /** Adds the batch that was written next; only the writer calls, before it publishes the end. */
  void add(long lastOffset, int position) {
    Entries current = entries;
    long count = current.count;
    long entry = ((lastOffset - baseOffset) << Integer.SIZE) | position;
    // Release: the overwriting of a slot is not seen before the count that declares it stale.
    current.slots.setRelease((int) (count & (current.slots.length() - 1)), entry);
    current.count = count + 1;
  }

  /**
   * Where the batch ends whose position {@link #positionOf} answers: the largest int for the last
   * one that was added, or {@link #NOT_COVERED}.
   */
  int endOf(long offset) {
    Entries current = entries;
    long number = numberOf(current, offset);
    if (number == NOT_COVERED) {
      return NOT_COVERED;
    }
    if (number + 1 >= current.count) {
      return Integer.MAX_VALUE;
    }
    int end = (int) current.at(number + 1);
    return number < current.oldest() ? NOT_COVERED : end;
  }

  /**
   * The position of the first batch whose last offset is at least {@code offset}, or {@link
   * #NOT_COVERED}.
   */
  int positionOf(long offset) {
    Entries current = entries;
    long number = numberOf(current, offset);
    if (number == NOT_COVERED) {
      return NOT_COVERED;
    }
    int position = (int) current.at(number);
    return number < current.oldest() ? NOT_COVERED : position;
  }

  /** The number of the first entry that reaches the offset, if the one before it is known too. */
  private long numberOf(Entries current, long offset) {
    if (offset < coveredFrom) {
      return NOT_COVERED;
    }
    long oldest = Math.max(emptyBelow, current.oldest());
    long end = current.count;
    long low = oldest;
    long high = end;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (lastOffset(current.at(middle)) >= offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (low == end || (low == oldest && low != 0)) {
      return NOT_COVERED;
    }
    boolean overwritten = low != 0 && low - 1 < current.oldest();
    return overwritten ? NOT_COVERED : low;
  }

  private long lastOffset(long entry) {
    return baseOffset + (entry >>> Integer.SIZE);
  }
}
