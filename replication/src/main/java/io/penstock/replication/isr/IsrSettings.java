package io.penstock.replication.isr;

/**
 * How an {@link IsrKeeper} works.
 *
 * @param lagTimeMaxMs how long a follower may be behind and still be in sync
 * @param settleMs how long a broker that has begun to serve copies before it may join, where enough
 *     are in sync without it
 * @param silenceMs how long a follower that is behind may ask for nothing before it is looked for
 * @param probeMs how long a process that is suspected of being gone may take to answer
 * @param changesMax so many partitions are asked for in one command
 */
public record IsrSettings(
    long lagTimeMaxMs, long settleMs, long silenceMs, long probeMs, int changesMax) {

  private static final long SETTLE_MS = 2_000;
  private static final long SILENCE_MS = 2_000;
  private static final long PROBE_MS = 500;
  private static final int CHANGES_MAX = 8_192;
  private static final long SCAN_MS_MIN = 10;
  private static final long SCAN_MS_MAX = 1_000;
  private static final long LISTEN_MS_MAX = 500;

  /** With the usual bounds. */
  public static IsrSettings withLagTimeMaxMs(long lagTimeMaxMs) {
    return new IsrSettings(
        lagTimeMaxMs,
        Math.min(SETTLE_MS, lagTimeMaxMs),
        Math.min(SILENCE_MS, lagTimeMaxMs),
        PROBE_MS,
        CHANGES_MAX);
  }

  /** How often it looks for followers that lag; in Kafka it is half of the lag time. */
  long scanMs() {
    return Math.clamp(lagTimeMaxMs / 4, SCAN_MS_MIN, SCAN_MS_MAX);
  }

  /** How often it looks for followers that are silent. */
  long listenMs() {
    return Math.clamp(silenceMs / 4, SCAN_MS_MIN, LISTEN_MS_MAX);
  }
}
