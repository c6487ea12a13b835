package io.penstock.storage.epoch;

/**
 * The answer to "where does this epoch end": the largest epoch of the log that is not above the one
 * asked for, and the offset behind its last record.
 */
public record EpochEnd(int epoch, long endOffset) {
  /** The log has nothing to say about the epoch asked for. */
  public static final EpochEnd UNKNOWN = new EpochEnd(-1, -1);
}
