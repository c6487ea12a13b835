package io.penstock.replication.partition;

/** Everybody who waits for one partition. Called by any thread, without the partition's lock. */
final class Waiters {

  private final PendingAcks committed = new PendingAcks();
  private final PendingAcks ackable = new PendingAcks();
  private final PendingFetches fetches = new PendingFetches();

  /** Producers that wait for the high watermark. */
  PendingAcks committed() {
    return committed;
  }

  /** Producers that wait until the leader itself may acknowledge what it has appended. */
  PendingAcks ackable() {
    return ackable;
  }

  PendingFetches fetches() {
    return fetches;
  }

  void tell(Progress progress, Wakeups wakeups) {
    if (progress.appendedBytes() > 0) {
      fetches.bytesAvailable(ReadLimit.LOG_END, progress.appendedBytes(), wakeups);
    }
    if (progress.committedBytes() > 0) {
      committed.advanced(progress.highWatermark(), null, wakeups);
      fetches.bytesAvailable(ReadLimit.HIGH_WATERMARK, progress.committedBytes(), wakeups);
    }
  }

  void tellAckable(long ackableEndOffset, Wakeups wakeups) {
    ackable.advanced(ackableEndOffset, null, wakeups);
  }

  /** What is not committed yet is in too few replicas; whether it will be is open. */
  void tooFewInSync(Wakeups wakeups) {
    committed.refuseAll(Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND, wakeups);
  }

  /** What was appended may never be committed now, and readers have to look where they are. */
  void roleChanged(Refusal toProducers, Wakeups wakeups) {
    committed.refuseAll(toProducers, wakeups);
    ackable.refuseAll(toProducers, wakeups);
    fetches.disturb(wakeups);
  }
}
