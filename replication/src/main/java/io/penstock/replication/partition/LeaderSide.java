package io.penstock.replication.partition;

import io.penstock.storage.epoch.LeaderEpochHistory;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.PartitionLog;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a replica does while it leads: it appends, counts its own position and its followers', moves
 * the watermark by them, and tells those who wait for that when it has given back the partition's
 * lock. What counts of its own log, for the high watermark as for {@code acks=1}, is what its
 * settings let it acknowledge: with {@code flush.messages} that ends where the last flush did, so
 * that nobody is given or promised what a power failure could take back. Any thread.
 */
final class LeaderSide {

  private final int nodeId;
  private final PartitionLog log;
  private final Watermark watermark;
  private final Waiters waiters;
  private final CurrentRole role;
  private final ReentrantLock lock;

  /** Set while this node leads; guarded by the lock. */
  private @Nullable LeaderState state;

  /** Guarded by the lock. */
  private int minInSync = 1;

  private volatile long epochStartOffset;
  private volatile boolean hasEnoughInSync;
  private volatile Runnable followerCaughtUp = () -> {};

  LeaderSide(
      int nodeId,
      PartitionLog log,
      Watermark watermark,
      Waiters waiters,
      CurrentRole role,
      ReentrantLock lock) {
    this.nodeId = nodeId;
    this.log = log;
    this.watermark = watermark;
    this.waiters = waiters;
    this.role = role;
    this.lock = lock;
    this.epochStartOffset = log.logEndOffset();
  }

  /** Where the log ended when the newest leader epoch of this node began. */
  long epochStartOffset() {
    return epochStartOffset;
  }

  /** Why what was appended in this leader epoch cannot be acknowledged any more; null if it can. */
  @Nullable Refusal refusesAck(int requiredAcks, int leaderEpoch) {
    Refusal refusal = role.refusesLeaderOf(leaderEpoch);
    if (refusal != null) {
      return refusal;
    }
    return requiredAcks == PartitionReplica.ACKS_ALL && !hasEnoughInSync
        ? Refusal.NOT_ENOUGH_REPLICAS_AFTER_APPEND
        : null;
  }

  /**
   * As {@link PartitionReplica#append}, in this leader epoch and no other.
   *
   * @param inEpoch or {@link ReplicaRole#ANY_EPOCH}
   */
  ReplicaAppend append(
      ByteBuffer records, int requiredAcks, int inEpoch, long nowMs, Wakeups wakeups)
      throws StorageException {
    AppendOutcome outcome;
    int leaderEpoch;
    Progress progress = Progress.NONE;
    lock.lock();
    try {
      LeaderState leading = state;
      if (leading == null) {
        return role.refusedAppend();
      }
      if (inEpoch != ReplicaRole.ANY_EPOCH && inEpoch != leading.leaderEpoch()) {
        return new ReplicaAppend.Refused(
            Refusal.FENCED_LEADER_EPOCH, "leads in epoch " + leading.leaderEpoch());
      }
      if (requiredAcks == PartitionReplica.ACKS_ALL && !hasEnoughInSync) {
        return new ReplicaAppend.Refused(
            Refusal.NOT_ENOUGH_REPLICAS,
            leading.term().inSync().size() + " in sync, " + minInSync + " demanded");
      }
      leaderEpoch = leading.leaderEpoch();
      long bytes = records.remaining();
      outcome = log.appendAsLeader(records, leaderEpoch, nowMs);
      if (outcome instanceof AppendOutcome.Appended) {
        watermark.appended(bytes);
        progress = publish(leading, bytes);
      }
    } finally {
      lock.unlock();
    }
    waiters.tell(progress, wakeups);
    return new ReplicaAppend.Answered(outcome, leaderEpoch);
  }

  /** See {@link PartitionReplica#followerFetched}. */
  @Nullable Refusal followerFetched(FollowerProgress follower, Wakeups wakeups) {
    Progress progress;
    LeaderState.News news;
    lock.lock();
    try {
      LeaderState leading = state;
      if (leading == null || leading.leaderEpoch() != follower.leaderEpoch()) {
        return Refusal.NOT_LEADER;
      }
      news = leading.followerFetched(follower, log.logEndOffset());
      progress = publish(leading, 0);
    } finally {
      lock.unlock();
    }
    waiters.tell(progress, wakeups);
    return switch (news) {
      case NOBODY -> Refusal.UNKNOWN_REPLICA;
      case NOTHING -> null;
      case CAUGHT_UP -> {
        followerCaughtUp.run();
        yield null;
      }
    };
  }

  /** Has it run whenever a replica that is out of the ISR may join it, without the lock. */
  void whenFollowerCaughtUp(Runnable task) {
    followerCaughtUp = task;
  }

  /** See {@link PartitionReplica#proposeIsr}. */
  @Nullable IsrProposal proposeIsr(IsrJudge judge) {
    lock.lock();
    try {
      return state == null ? null : state.propose(log.logEndOffset(), judge);
    } finally {
      lock.unlock();
    }
  }

  boolean isFollowedBy(int node) {
    lock.lock();
    try {
      return state != null && node != nodeId && state.term().replicas().contains(node);
    } finally {
      lock.unlock();
    }
  }

  /** A flush has ended, or is asked for no more. */
  void ackableEndMoved(Wakeups wakeups) {
    Progress progress = Progress.NONE;
    lock.lock();
    try {
      if (state != null) {
        progress = publish(state, 0);
      }
    } finally {
      lock.unlock();
    }
    waiters.tell(progress, wakeups);
    waiters.tellAckable(log.ackableEndOffset(), wakeups);
  }

  /** Blocks on the disk; see {@link PartitionReplica#deleteRecordsBefore}. */
  @Nullable Refusal deleteRecordsBefore(long offset) throws StorageException {
    lock.lock();
    try {
      if (state == null) {
        return role.refusal();
      }
      long committed = watermark.offset();
      long before = offset == -1 ? committed : offset;
      if (before < 0 || before > committed) {
        return Refusal.OFFSET_OUT_OF_RANGE;
      }
      log.deleteRecordsBefore(before);
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Leads on these terms, in a new leader epoch or in the one that it is in. */
  void lead(LeaderTerm term, int demandedInSync, Wakeups wakeups) {
    Progress progress;
    boolean newEpoch;
    boolean enough;
    lock.lock();
    try {
      LeaderState leading = state;
      newEpoch = leading == null || leading.leaderEpoch() != term.leaderEpoch();
      if (leading == null || newEpoch) {
        long logEnd = log.logEndOffset();
        beginEpoch(term.leaderEpoch(), logEnd);
        leading = new LeaderState(nodeId, term, logEnd, watermark.offset());
        state = leading;
        epochStartOffset = logEnd;
        role.set(new ReplicaRole.Leader(term.leaderEpoch()));
      } else {
        leading.termChanged(term);
      }
      minInSync = demandedInSync;
      enough = leading.hasEnoughInSync(demandedInSync);
      hasEnoughInSync = enough;
      progress = publish(leading, 0);
    } finally {
      lock.unlock();
    }
    if (newEpoch) {
      waiters.roleChanged(Refusal.NOT_LEADER, wakeups);
      // What a recovery has found is committed when it is as durable as what comes after it.
      log.flushWhatIsHeld();
    }
    waiters.tell(progress, wakeups);
    if (!enough) {
      waiters.tooFewInSync(wakeups);
    }
  }

  /** Called under the lock: this node leads no more. */
  void leave() {
    state = null;
    hasEnoughInSync = false;
  }

  /** Called under the lock: shows readers what has become committed. */
  private Progress publish(LeaderState leading, long appendedBytes) {
    leading.ownEndMoved(log.ackableEndOffset());
    long committedBytes = watermark.raise(leading.advance(minInSync));
    return new Progress(appendedBytes, committedBytes, watermark.offset());
  }

  /** Deletion of old records changes the history too, from the threads of the log. */
  private void beginEpoch(int leaderEpoch, long logEnd) {
    LeaderEpochHistory epochs = log.epochs();
    synchronized (epochs) {
      epochs.assign(leaderEpoch, logEnd);
    }
  }
}
