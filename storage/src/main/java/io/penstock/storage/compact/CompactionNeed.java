package io.penstock.storage.compact;

/**
 * How much a log would gain from a cleaning.
 *
 * @param cleanBytes what the last cleaning has left
 * @param dirtyBytes what may be cleaned of what came since
 * @param waitingMs how long the oldest of the dirty records has been there
 * @param overdue whether it has been for {@code max.compaction.lag.ms}
 */
public record CompactionNeed(long cleanBytes, long dirtyBytes, long waitingMs, boolean overdue) {
  public static final CompactionNeed NONE = new CompactionNeed(0, 0, 0, false);

  /** The part of the log that is dirty. */
  public double dirtyRatio() {
    return dirtyBytes == 0 ? 0 : (double) dirtyBytes / (cleanBytes + dirtyBytes);
  }

  /** Kafka's rule. */
  public boolean isDue(CompactionSettings settings) {
    return dirtyBytes > 0 && (overdue || dirtyRatio() > settings.dirtyRatioMin());
  }
}
