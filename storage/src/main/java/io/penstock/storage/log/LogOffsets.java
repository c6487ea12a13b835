package io.penstock.storage.log;

/**
 * The offsets of a log that checkpoints remember: where it starts, up to where it is on the disk,
 * up to where it is committed, and up to where it was compacted, which is -1 in a log that never
 * was.
 */
public record LogOffsets(
    long logStartOffset, long recoveryPoint, long highWatermark, long cleanedTo) {
  public static final long NEVER_CLEANED = -1;
  public static final LogOffsets ZERO = new LogOffsets(0, 0, 0);

  public LogOffsets(long logStartOffset, long recoveryPoint, long highWatermark) {
    this(logStartOffset, recoveryPoint, highWatermark, NEVER_CLEANED);
  }
}
