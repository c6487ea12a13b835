package io.penstock.replication.partition;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.storage.epoch.EpochEnd;
import io.penstock.storage.epoch.LeaderEpochHistory;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.TimestampedOffset;
import io.penstock.storage.producer.ProducerStateView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's replica of one partition: its log, its role, how far it is committed, and who waits
 * for it. What counts of the leader's own log, for the high watermark as for {@code acks=1}, is
 * what its settings let it acknowledge: with {@code flush.messages} that ends where the last flush
 * did, so that nobody is given or promised what a power failure could take back. One lock covers
 * appends and changes of role; readers take none, for they see only published values. Waiters are
 * told after the lock has been given back. Roles are changed by the thread of {@link
 * PartitionRegistry} alone, except that a failing disk takes the replica offline from wherever it
 * is noticed. The high watermark never passes the end of the log, and goes back only where a
 * follower's log is cut.
 */
public final class PartitionReplica {

  /** {@code acks} of a producer that waits for all replicas in sync. */
  public static final int ACKS_ALL = -1;

  private static final Logger LOG = LoggerFactory.getLogger(PartitionReplica.class);

  private final int nodeId;
  private final PartitionLog log;
  private final ReplicaReader reader;
  private final Waiters waiters = new Waiters();
  private final ReentrantLock lock = new ReentrantLock();

  /** Set while this node leads; guarded by the lock. */
  private @Nullable LeaderState leading;

  /** Guarded by the lock. */
  private final UncommittedBytes uncommitted = new UncommittedBytes();

  private volatile int minInSync = 1;
  private volatile boolean deletable = true;
  private volatile ReplicaRole role = new ReplicaRole.Follower(-1, -1);
  private volatile long epochStartOffset;
  private volatile long highWatermark;

  PartitionReplica(int nodeId, PartitionLog log) {
    this.nodeId = nodeId;
    this.log = log;
    this.reader = new ReplicaReader(log);
    this.highWatermark = Math.min(log.recordedHighWatermark(), log.logEndOffset());
    this.epochStartOffset = log.logEndOffset();
    log.whenAckable(this::ackableEndMoved);
  }

  public LogId id() {
    return log.id();
  }

  public ReplicaRole role() {
    return role;
  }

  public int leaderEpoch() {
    return role.leaderEpoch();
  }

  public long highWatermark() {
    return highWatermark;
  }

  public long logStartOffset() {
    return log.logStartOffset();
  }

  public long logEndOffset() {
    return log.logEndOffset();
  }

  public long sizeBytes() {
    return log.sizeBytes();
  }

  public List<ProducerStateView> producers() {
    return log.producers();
  }

  /** Where this reader's view ends at present. */
  public long endOffset(ReadLimit limit) {
    return limit == ReadLimit.HIGH_WATERMARK ? highWatermark : log.logEndOffset();
  }

  /**
   * Whether a new leader cannot say yet what is committed: until the watermark reaches the start of
   * its epoch, an answer could go back behind one that an earlier leader gave (KIP-207).
   */
  public boolean committedEndUnknown() {
    return highWatermark < epochStartOffset;
  }

  /** Whether one who believes in this leader epoch may be answered; null if so. */
  public @Nullable Refusal check(int currentLeaderEpoch, boolean leaderOnly) {
    return role.refuses(currentLeaderEpoch, leaderOnly);
  }

  /**
   * Appends what a producer sent, patching offsets and epoch into the buffer. Waiters that this
   * satisfies go to the wakeups; the caller who owes an ack goes on to {@link #awaitAck}.
   */
  public ReplicaAppend append(ByteBuffer records, int requiredAcks, long nowMs, Wakeups wakeups) {
    if (!(role instanceof ReplicaRole.Leader)) {
      return refusedByRole();
    }
    try {
      return appendAndTell(records, requiredAcks, nowMs, wakeups);
    } catch (DiskFullException full) {
      return new ReplicaAppend.Refused(Refusal.STORAGE_FAILED, String.valueOf(full.getMessage()));
    } catch (StorageException failure) {
      LOG.error("Append failed, the partition goes offline: partition={}", id(), failure);
      goOffline(String.valueOf(failure.getMessage()), wakeups);
      return refusedByRole();
    } catch (RuntimeException bug) {
      goOffline("broken invariant: " + bug, wakeups);
      throw bug;
    }
  }

  private ReplicaAppend appendAndTell(
      ByteBuffer records, int requiredAcks, long nowMs, Wakeups wakeups) throws StorageException {
    AppendOutcome outcome;
    int leaderEpoch;
    Progress progress = Progress.NONE;
    lock.lock();
    try {
      LeaderState state = leading;
      if (state == null) {
        return refusedByRole();
      }
      if (requiredAcks == ACKS_ALL && !state.hasEnoughInSync(minInSync)) {
        return new ReplicaAppend.Refused(
            Refusal.NOT_ENOUGH_REPLICAS,
            state.term().inSync().size() + " in sync, " + minInSync + " demanded");
      }
      leaderEpoch = state.leaderEpoch();
      long bytes = records.remaining();
      outcome = log.appendAsLeader(records, leaderEpoch, nowMs);
      if (outcome instanceof AppendOutcome.Appended) {
        uncommitted.appended(bytes);
        progress = publish(state, bytes);
      }
    } finally {
      lock.unlock();
    }
    waiters.tell(progress, wakeups);
    return new ReplicaAppend.Answered(outcome, leaderEpoch);
  }

  /**
   * Whether a producer that asked for these acks, not for none, may hear that everything up to this
   * offset is stored: on the leader, as its settings ask, or with {@link #ACKS_ALL} committed.
   */
  public boolean mayAcknowledge(int requiredAcks, long lastOffset) {
    long end = requiredAcks == ACKS_ALL ? highWatermark : log.ackableEndOffset();
    return end > lastOffset;
  }

  /**
   * Has the waiter settled and run when what was appended in this leader epoch, up to this offset,
   * may be acknowledged.
   *
   * @return null where it need not wait: it was settled on the spot, and will not be run
   */
  public @Nullable Ticket awaitAck(
      int requiredAcks, long lastOffset, int leaderEpoch, AckWaiter waiter) {
    if (mayAcknowledge(requiredAcks, lastOffset)) {
      waiter.settle(null);
      return null;
    }
    PendingAcks acks = requiredAcks == ACKS_ALL ? waiters.committed() : waiters.ackable();
    Ticket ticket = acks.add(lastOffset + 1, waiter);
    boolean stillLeader = isLeaderIn(leaderEpoch);
    if (stillLeader && !mayAcknowledge(requiredAcks, lastOffset)) {
      return ticket;
    }
    if (!ticket.leave()) {
      return ticket;
    }
    waiter.settle(stillLeader ? null : refusalByRole());
    return null;
  }

  /** A flush has ended, or is asked for no more. Any thread, with no lock held. */
  private void ackableEndMoved() {
    Wakeups wakeups = new Wakeups();
    try {
      Progress progress = Progress.NONE;
      lock.lock();
      try {
        if (leading != null) {
          progress = publish(leading, 0);
        }
      } finally {
        lock.unlock();
      }
      waiters.tell(progress, wakeups);
      waiters.tellAckable(log.ackableEndOffset(), wakeups);
    } catch (RuntimeException bug) {
      LOG.error("A partition is stopped by a defect: partition={}", id(), bug);
      goOffline("broken invariant: " + bug, wakeups);
    }
    wakeups.run();
  }

  /** Reads without a lock and without touching the bytes. */
  public ReplicaRead read(ReadRequest request) {
    Refusal refusal = check(request.currentLeaderEpoch(), request.leaderOnly());
    if (refusal != null) {
      return new ReplicaRead.Refused(refusal);
    }
    try {
      return reader.read(request, highWatermark);
    } catch (StorageException failure) {
      if (!(role instanceof ReplicaRole.Offline)) {
        LOG.error("Read failed: partition={} offset={}", id(), request.offset(), failure);
      }
      return new ReplicaRead.Refused(Refusal.STORAGE_FAILED);
    }
  }

  /**
   * Whether a read at this offset finds its place without waiting for the disk, as it always does
   * near the end of the log; how it would end otherwise is for the read to say.
   */
  public boolean findsWithoutDisk(long offset) {
    return reader.findsWithoutDisk(offset);
  }

  /**
   * Has the waiter told of every byte that comes within its reach. What the caller saw when it last
   * read goes in, so that nothing between then and now is missed.
   *
   * @return null where that has changed already: the caller is to read again
   */
  public @Nullable Ticket awaitBytes(
      ReadLimit limit, long endSeen, ReplicaRole roleSeen, FetchWaiter waiter) {
    Ticket ticket = waiters.fetches().add(waiter, limit);
    if (endOffset(limit) == endSeen && role.equals(roleSeen)) {
      return ticket;
    }
    ticket.leave();
    return null;
  }

  /**
   * Takes note that a follower has everything before the offset.
   *
   * @return the refusal for a follower that is unknown here, or null
   */
  public @Nullable Refusal followerFetched(int follower, long offset, Wakeups wakeups) {
    Progress progress;
    lock.lock();
    try {
      LeaderState state = leading;
      if (state == null) {
        return Refusal.NOT_LEADER;
      }
      if (!state.followerFetched(follower, offset)) {
        return Refusal.UNKNOWN_REPLICA;
      }
      progress = publish(state, 0);
    } finally {
      lock.unlock();
    }
    waiters.tell(progress, wakeups);
    return null;
  }

  /** Whether the node is one of the partition's replicas, as its leader sees it. */
  public boolean isFollowedBy(int node) {
    lock.lock();
    try {
      LeaderState state = leading;
      return state != null && node != nodeId && state.term().replicas().contains(node);
    } finally {
      lock.unlock();
    }
  }

  /** The first visible record at or after this time; blocks on the disk. */
  public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long limitOffset)
      throws StorageException {
    return log.offsetForTimestamp(timestampMs, limitOffset);
  }

  /** The record with the largest timestamp; blocks on the disk. */
  public Optional<TimestampedOffset> maxTimestamp() throws StorageException {
    return log.maxTimestamp();
  }

  public int leaderEpochAt(long offset) {
    return log.leaderEpochAt(offset);
  }

  /** Where this epoch, or the last one before it, ends in this log (KIP-279). */
  public EpochEnd endOfEpoch(int leaderEpoch) {
    return log.epochs().endOffsetFor(leaderEpoch, log.logEndOffset());
  }

  /**
   * Deletes the committed records before the offset; -1 stands for the high watermark. Blocks on
   * the disk.
   *
   * @return null when done
   */
  public @Nullable Refusal deleteRecordsBefore(long offset) throws StorageException {
    lock.lock();
    try {
      if (leading == null) {
        return role instanceof ReplicaRole.Offline ? Refusal.STORAGE_FAILED : Refusal.NOT_LEADER;
      }
      if (!deletable) {
        return Refusal.FORBIDDEN_BY_SETTINGS;
      }
      long before = offset == -1 ? highWatermark : offset;
      if (before < 0 || before > highWatermark) {
        return Refusal.OFFSET_OUT_OF_RANGE;
      }
      log.deleteRecordsBefore(before);
      return null;
    } finally {
      lock.unlock();
    }
  }

  void updateSettings(LogSettings settings) {
    deletable = settings.deletePolicy();
    log.updateSettings(settings);
  }

  /** Takes the role that the image gives this node; the same image twice changes nothing. */
  void become(PartitionImage partition, int demandedInSync, Wakeups wakeups) {
    if (role instanceof ReplicaRole.Offline || partition.leaderEpoch() < leaderEpoch()) {
      return;
    }
    if (partition.leader() == nodeId) {
      lead(LeaderTerm.of(partition), demandedInSync, wakeups);
      return;
    }
    minInSync = demandedInSync;
    follow(new ReplicaRole.Follower(partition.leaderEpoch(), partition.leader()), wakeups);
  }

  private void lead(LeaderTerm term, int demandedInSync, Wakeups wakeups) {
    Progress progress;
    boolean newEpoch;
    lock.lock();
    try {
      minInSync = demandedInSync;
      LeaderState state = leading;
      newEpoch = state == null || state.leaderEpoch() != term.leaderEpoch();
      if (state == null || newEpoch) {
        long logEnd = log.logEndOffset();
        beginEpoch(term.leaderEpoch(), logEnd);
        state = new LeaderState(nodeId, term, logEnd, highWatermark);
        leading = state;
        epochStartOffset = logEnd;
        role = new ReplicaRole.Leader(term.leaderEpoch());
      } else {
        state.termChanged(term);
      }
      progress = publish(state, 0);
    } finally {
      lock.unlock();
    }
    if (newEpoch) {
      waiters.roleChanged(Refusal.NOT_LEADER, wakeups);
      // What a recovery has found is committed when it is as durable as what comes after it.
      log.flushWhatIsHeld();
    }
    waiters.tell(progress, wakeups);
  }

  /** Deletion of old records changes the history too, from the threads of the log. */
  private void beginEpoch(int leaderEpoch, long logEnd) {
    LeaderEpochHistory epochs = log.epochs();
    synchronized (epochs) {
      epochs.assign(leaderEpoch, logEnd);
    }
  }

  private void follow(ReplicaRole.Follower follower, Wakeups wakeups) {
    if (role.equals(follower)) {
      return;
    }
    leave(follower);
    waiters.roleChanged(Refusal.NOT_LEADER, wakeups);
  }

  /** Stops serving, because the disk failed or a defect showed. */
  void goOffline(String cause, Wakeups wakeups) {
    stop(cause, Refusal.STORAGE_FAILED, wakeups);
  }

  /** Stops serving, because the partition is this node's no more, or the node stops. */
  void retire(String cause, Wakeups wakeups) {
    stop(cause, Refusal.NOT_LEADER, wakeups);
  }

  private void stop(String cause, Refusal toWaiters, Wakeups wakeups) {
    if (role instanceof ReplicaRole.Offline) {
      return;
    }
    leave(new ReplicaRole.Offline(leaderEpoch(), cause));
    waiters.roleChanged(toWaiters, wakeups);
  }

  private void leave(ReplicaRole next) {
    lock.lock();
    try {
      leading = null;
      role = next;
    } finally {
      lock.unlock();
    }
  }

  /** Called under the lock: shows readers what has become committed. */
  private Progress publish(LeaderState state, long appendedBytes) {
    long before = highWatermark;
    state.ownEndMoved(log.ackableEndOffset());
    long watermark = state.advance(minInSync);
    long logEnd = log.logEndOffset();
    if (watermark < before || watermark > logEnd) {
      throw new IllegalStateException(
          id() + ": watermark " + before + " to " + watermark + ", log ends at " + logEnd);
    }
    long committedBytes = 0;
    if (watermark > before) {
      highWatermark = watermark;
      log.recordHighWatermark(watermark);
      committedBytes = uncommitted.committed(watermark, logEnd);
    }
    return new Progress(appendedBytes, committedBytes, watermark);
  }

  private boolean isLeaderIn(int leaderEpoch) {
    return role instanceof ReplicaRole.Leader(int current) && current == leaderEpoch;
  }

  private Refusal refusalByRole() {
    return role instanceof ReplicaRole.Offline ? Refusal.STORAGE_FAILED : Refusal.NOT_LEADER;
  }

  private ReplicaAppend refusedByRole() {
    return switch (role) {
      case ReplicaRole.Offline(_, String cause) ->
          new ReplicaAppend.Refused(Refusal.STORAGE_FAILED, cause);
      case ReplicaRole.Leader _, ReplicaRole.Follower _ ->
          new ReplicaAppend.Refused(Refusal.NOT_LEADER, "this node does not lead " + id());
    };
  }
}
