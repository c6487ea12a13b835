package io.penstock.storage.log;

/** What a read found. A slice comes with one reference, which the receiver releases. */
public sealed interface ReadOutcome {
  /** Bytes of whole batches, but for the last one, which may be cut off by the size asked for. */
  record Slice(LogSlice slice) implements ReadOutcome {}

  /** There is nothing to read at this offset yet. */
  record Empty() implements ReadOutcome {
    public static final Empty INSTANCE = new Empty();
  }

  /** The log does not hold the offset. */
  record OffsetOutOfRange(long logStartOffset, long logEndOffset) implements ReadOutcome {}
}
