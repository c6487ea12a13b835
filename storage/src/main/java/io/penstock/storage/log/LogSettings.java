package io.penstock.storage.log;

import io.penstock.storage.compact.CompactionSettings;

/**
 * The settings of one log, in the units of Kafka's topic configurations of the same names; -1 means
 * without limit for {@code retentionMs} and {@code retentionBytes}, {@link Long#MAX_VALUE} means
 * never for the flush settings.
 */
public record LogSettings(
    int segmentBytes,
    long segmentMs,
    long segmentJitterMs,
    int indexBytes,
    int indexIntervalBytes,
    long retentionMs,
    long retentionBytes,
    long flushMessages,
    long flushMs,
    int batchBytesMax,
    boolean logAppendTime,
    long timestampBeforeMaxMs,
    long timestampAfterMaxMs,
    long fileDeleteDelayMs,
    boolean preallocate,
    boolean deletePolicy,
    boolean compactPolicy,
    CompactionSettings compaction) {

  /** How old the active segment may become. */
  long rollMs() {
    return compactPolicy ? Math.min(segmentMs, compaction.lagMaxMs()) : segmentMs;
  }

  private static final long HOUR_MS = 3_600_000L;

  /**
   * What a topic gets that sets nothing: Kafka 4.4's defaults, but for {@code preallocate}, which
   * is false there; here it is cheap, for room is reserved in steps and in the background.
   */
  public static LogSettings defaults() {
    return new LogSettings(
        1 << 30,
        168 * HOUR_MS,
        0,
        10 << 20,
        4096,
        168 * HOUR_MS,
        -1,
        Long.MAX_VALUE,
        Long.MAX_VALUE,
        1_048_588,
        false,
        Long.MAX_VALUE,
        HOUR_MS,
        60_000,
        true,
        true,
        false,
        CompactionSettings.DEFAULT);
  }
}
