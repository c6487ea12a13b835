package io.penstock.storage.compact;

/**
 * How one log is compacted, in the units of Kafka's topic configurations.
 *
 * @param dirtyRatioMin {@code min.cleanable.dirty.ratio}
 * @param lagMinMs {@code min.compaction.lag.ms}
 * @param lagMaxMs {@code max.compaction.lag.ms}
 * @param tombstoneMs {@code delete.retention.ms}
 */
public record CompactionSettings(
    double dirtyRatioMin, long lagMinMs, long lagMaxMs, long tombstoneMs) {

  /** Kafka's. */
  public static final CompactionSettings DEFAULT =
      new CompactionSettings(0.5, 0, Long.MAX_VALUE, 86_400_000L);
}
