package io.penstock.replication.isr;

/**
 * How an {@link IsrKeeper} works.
 *
 * @param lagTimeMaxMs how long a follower may be behind and still be in sync
 * @param probeMs how long a process that is suspected of being gone may take to answer
 * @param changesMax so many partitions are asked for in one command
 */
public record IsrSettings(long lagTimeMaxMs, long probeMs, int changesMax) {

  private static final long PROBE_MS = 500;
  private static final int CHANGES_MAX = 8_192;
  private static final long SCAN_MS_MIN = 10;
  private static final long SCAN_MS_MAX = 1_000;

  /** With the usual bounds. */
  public static IsrSettings withLagTimeMaxMs(long lagTimeMaxMs) {
    return new IsrSettings(lagTimeMaxMs, PROBE_MS, CHANGES_MAX);
  }

  /** How often it looks for followers that lag; in Kafka it is half of the lag time. */
  long scanMs() {
    return Math.clamp(lagTimeMaxMs / 4, SCAN_MS_MIN, SCAN_MS_MAX);
  }
}
