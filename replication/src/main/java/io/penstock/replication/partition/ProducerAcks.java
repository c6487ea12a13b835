package io.penstock.replication.partition;

import io.penstock.storage.log.PartitionLog;
import org.jspecify.annotations.Nullable;

/**
 * When a producer may hear that what it sent is stored. Any thread; the partition's lock is not
 * taken.
 */
final class ProducerAcks {

  private final PartitionLog log;
  private final Watermark watermark;
  private final Waiters waiters;
  private final LeaderSide leader;

  ProducerAcks(PartitionLog log, Watermark watermark, Waiters waiters, LeaderSide leader) {
    this.log = log;
    this.watermark = watermark;
    this.waiters = waiters;
    this.leader = leader;
  }

  /** See {@link PartitionReplica#mayAcknowledge}. */
  boolean may(int requiredAcks, long lastOffset) {
    long end =
        requiredAcks == PartitionReplica.ACKS_ALL ? watermark.offset() : log.ackableEndOffset();
    return end > lastOffset;
  }

  /** See {@link PartitionReplica#awaitAck}. */
  @Nullable Ticket await(int requiredAcks, long lastOffset, int leaderEpoch, AckWaiter waiter) {
    if (may(requiredAcks, lastOffset)) {
      waiter.settle(null);
      return null;
    }
    PendingAcks acks =
        requiredAcks == PartitionReplica.ACKS_ALL ? waiters.committed() : waiters.ackable();
    Ticket ticket = acks.add(lastOffset + 1, waiter);
    // It is listed before this is looked at, so whatever changes after this finds it there.
    Refusal refusal = leader.refusesAck(requiredAcks, leaderEpoch);
    if (refusal == null && !may(requiredAcks, lastOffset)) {
      return ticket;
    }
    if (!ticket.leave()) {
      return ticket;
    }
    waiter.settle(refusal);
    return null;
  }
}
