package io.penstock.replication.partition;

/** How far into a log a reader may see. */
public enum ReadLimit {
  /** What is committed: consumers. */
  HIGH_WATERMARK,
  /** All that was appended: followers. */
  LOG_END
}
