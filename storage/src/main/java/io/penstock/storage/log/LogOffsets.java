package io.penstock.storage.log;

/**
 * The offsets of a log that checkpoints remember: where it starts, up to where it is on the disk,
 * up to where it is committed.
 */
public record LogOffsets(long logStartOffset, long recoveryPoint, long highWatermark) {
  public static final LogOffsets ZERO = new LogOffsets(0, 0, 0);
}
