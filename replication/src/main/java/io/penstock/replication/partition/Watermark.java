package io.penstock.replication.partition;

import io.penstock.storage.log.PartitionLog;

/**
 * How far this replica knows its partition to be committed. Any thread reads it; it is changed
 * under the partition's lock alone. It never passes the end of the log, and goes back only where a
 * follower's log is cut.
 */
final class Watermark {

  private final PartitionLog log;
  private final UncommittedBytes uncommitted = new UncommittedBytes();
  private volatile long offset;

  Watermark(PartitionLog log) {
    this.log = log;
    this.offset = Math.min(log.recordedHighWatermark(), log.logEndOffset());
  }

  long offset() {
    return offset;
  }

  /** The log has taken so many bytes. */
  void appended(long bytes) {
    uncommitted.appended(bytes);
  }

  /**
   * Shows readers that everything before here is committed.
   *
   * @return how many bytes that may be, 0 where it was there already
   */
  long raise(long to) {
    long before = offset;
    long logEnd = log.logEndOffset();
    if (to < before || to > logEnd) {
      throw new IllegalStateException(
          log.id() + ": watermark " + before + " to " + to + ", log ends at " + logEnd);
    }
    if (to == before) {
      return 0;
    }
    offset = to;
    log.recordHighWatermark(to);
    return uncommitted.committed(to, logEnd);
  }

  /** The log is going to be cut: what was said to be committed behind here is so no more. */
  void cutTo(long to) {
    uncommitted.cut();
    if (to < offset) {
      startAt(to);
    }
  }

  /** The log begins anew. */
  void startAt(long start) {
    uncommitted.cut();
    offset = start;
    log.recordHighWatermark(start);
  }
}
