package io.penstock.replication.partition;

/** Everybody who waits for one partition. Called by any thread, without the partition's lock. */
final class Waiters {

  private final PendingAcks acks = new PendingAcks();
  private final PendingFetches fetches = new PendingFetches();

  PendingAcks acks() {
    return acks;
  }

  PendingFetches fetches() {
    return fetches;
  }

  void tell(Progress progress, Wakeups wakeups) {
    if (progress.appendedBytes() > 0) {
      fetches.bytesAvailable(ReadLimit.LOG_END, progress.appendedBytes(), wakeups);
    }
    if (progress.committedBytes() > 0) {
      acks.advanced(
          progress.highWatermark(),
          progress.enoughInSync() ? null : Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
          wakeups);
      fetches.bytesAvailable(ReadLimit.HIGH_WATERMARK, progress.committedBytes(), wakeups);
    }
  }

  /** What was appended may never be committed now, and readers have to look where they are. */
  void roleChanged(Wakeups wakeups) {
    acks.refuseAll(Refusal.NOT_LEADER, wakeups);
    fetches.disturb(wakeups);
  }
}
