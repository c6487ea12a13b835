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

  /** So many probes in a row, each begun when the one before had its time, remain unanswered. */
  static final int UNANSWERED_MAX = 3;

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

  /**
   * How long ago this node may have been in contact with the majority and still judge who is silent
   * to it. No longer than a follower may be silent: where all of them are, since this node is cut
   * off, that has passed before so many probes have. But as long as they take that must be in a
   * row.
   */
  long contactMsMax() {
    return Math.max(silenceMs, UNANSWERED_MAX * probeMs);
  }

  /** How often it looks for followers that are silent. */
  long listenMs() {
    return Math.clamp(silenceMs / 4, SCAN_MS_MIN, LISTEN_MS_MAX);
  }
}
