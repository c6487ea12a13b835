package io.penstock.storage.compact;

/** What a cleaning has done so far; one thread's. */
public final class CleaningTotals {
  public long bytesRead;
  public long bytesKept;
  public long recordsRead;
  public long recordsKept;

  /** Records without a key, which nothing can overwrite: they go, as in Kafka. */
  public long keyless;

  /**
   * Batches that stayed whole because their records cannot be read, though their CRC is right, or
   * unpack to more than they may or there is memory for. No tombstone behind them goes.
   */
  public long unreadable;
}
