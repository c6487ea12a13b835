package io.penstock.replication.raft;

/**
 * When a group's log is cut. A snapshot is also taken by time and bytes, see {@link RaftHost}.
 *
 * @param snapshotEntries applied entries after which a snapshot is taken
 * @param preservedEntries kept below a snapshot, so that a short outage is caught up by the log
 * @param purgeGap entries below which cutting is not worth it
 * @param segmentBytes the log is cut by whole segments
 */
record LogLimits(long snapshotEntries, long preservedEntries, int purgeGap, long segmentBytes) {

  static final LogLimits DEFAULT = new LogLimits(100_000, 100_000, 1_024, 16L * 1024 * 1024);
}
