package io.penstock.replication.partition;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.storage.epoch.EpochEnd;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.TimestampedOffset;
import io.penstock.storage.producer.ProducerStateView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's replica of one partition: its log, its role, how far it is committed, and who waits
 * for it. It is the door; what it does as a leader is in {@link LeaderSide}. One lock covers
 * appends and changes of role; readers take none, for they see only published values. Waiters are
 * told after the lock has been given back. Roles are changed by the thread of {@link
 * PartitionRegistry} alone, except that a failing disk takes the replica offline from wherever it
 * is noticed.
 */
public final class PartitionReplica {

  /** {@code acks} of a producer that waits for all replicas in sync. */
  public static final int ACKS_ALL = -1;

  private static final Logger LOG = LoggerFactory.getLogger(PartitionReplica.class);

  private final int nodeId;
  private final PartitionLog log;
  private final Consumer<PartitionReplica> whenOffline;
  private final ReentrantLock lock = new ReentrantLock();
  private final CurrentRole role;
  private final Watermark watermark;
  private final Waiters waiters = new Waiters();
  private final FollowerPositions followers = new FollowerPositions();
  private final ReplicaReader reader;
  private final LeaderSide leader;
  private final ProducerAcks acks;
  private final FollowerSide following;
  private volatile boolean deletable = true;

  PartitionReplica(int nodeId, PartitionLog log) {
    this(nodeId, log, _ -> {});
  }

  /**
   * @param whenOffline told once, on any thread and without the lock, when this replica has stopped
   *     serving for good
   */
  PartitionReplica(int nodeId, PartitionLog log, Consumer<PartitionReplica> whenOffline) {
    this.nodeId = nodeId;
    this.log = log;
    this.whenOffline = whenOffline;
    this.role = new CurrentRole(log.id());
    this.watermark = new Watermark(log);
    this.reader = new ReplicaReader(log);
    this.leader = new LeaderSide(nodeId, log, watermark, waiters, role, lock);
    this.acks = new ProducerAcks(log, watermark, waiters, leader);
    this.following = new FollowerSide(log, watermark, waiters, lock, role::get, this::goOffline);
    log.whenAckable(this::ackableEndMoved);
  }

  public LogId id() {
    return log.id();
  }

  public ReplicaRole role() {
    return role.get();
  }

  public int leaderEpoch() {
    return role.get().leaderEpoch();
  }

  /** What it does while it follows. */
  public FollowerSide following() {
    return following;
  }

  public long highWatermark() {
    return watermark.offset();
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
    return limit == ReadLimit.HIGH_WATERMARK ? highWatermark() : log.logEndOffset();
  }

  /**
   * Whether a new leader cannot say yet what is committed: until the watermark reaches the start of
   * its epoch, an answer could go back behind one that an earlier leader gave (KIP-207).
   */
  public boolean committedEndUnknown() {
    return highWatermark() < leader.epochStartOffset();
  }

  /** Whether one who believes in this leader epoch may be answered; null if so. */
  public @Nullable Refusal check(int currentLeaderEpoch, boolean leaderOnly) {
    return role.get().refuses(currentLeaderEpoch, leaderOnly);
  }

  /**
   * Appends what a producer sent, patching offsets and epoch into the buffer. Waiters that this
   * satisfies go to the wakeups; the caller who owes an ack goes on to {@link #awaitAck}.
   */
  public ReplicaAppend append(ByteBuffer records, int requiredAcks, long nowMs, Wakeups wakeups) {
    return append(records, requiredAcks, ReplicaRole.ANY_EPOCH, nowMs, wakeups);
  }

  /**
   * As {@link #append(ByteBuffer, int, long, Wakeups)}, but refused in any other leader epoch: for
   * one whose records rest on what it has read in that epoch.
   */
  public ReplicaAppend append(
      ByteBuffer records, int requiredAcks, int inEpoch, long nowMs, Wakeups wakeups) {
    if (!role.isLeader()) {
      return role.refusedAppend();
    }
    try {
      return leader.append(records, requiredAcks, inEpoch, nowMs, wakeups);
    } catch (DiskFullException full) {
      return new ReplicaAppend.Refused(Refusal.STORAGE_FAILED, String.valueOf(full.getMessage()));
    } catch (StorageException failure) {
      LOG.error("Append failed, the partition goes offline: partition={}", id(), failure);
      goOffline(String.valueOf(failure.getMessage()), wakeups);
      return role.refusedAppend();
    } catch (RuntimeException bug) {
      goOffline("broken invariant: " + bug, wakeups);
      throw bug;
    }
  }

  /**
   * Whether a producer that asked for these acks, not for none, may hear that everything up to this
   * offset is stored: on the leader, as its settings ask, or with {@link #ACKS_ALL} committed.
   */
  public boolean mayAcknowledge(int requiredAcks, long lastOffset) {
    return acks.may(requiredAcks, lastOffset);
  }

  /**
   * Has the waiter settled and run when what was appended in this leader epoch, up to this offset,
   * may be acknowledged.
   *
   * @return null where it need not wait: it was settled on the spot, and will not be run
   */
  public @Nullable Ticket awaitAck(
      int requiredAcks, long lastOffset, int leaderEpoch, AckWaiter waiter) {
    return acks.await(requiredAcks, lastOffset, leaderEpoch, waiter);
  }

  /** A flush has ended, or is asked for no more. Any thread, with no lock held. */
  private void ackableEndMoved() {
    Wakeups wakeups = new Wakeups();
    try {
      leader.ackableEndMoved(wakeups);
      following.ackableMoved();
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
      return reader.read(request, highWatermark());
    } catch (StorageException failure) {
      if (!role.isOffline()) {
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
    if (endOffset(limit) == endSeen && role().equals(roleSeen)) {
      return ticket;
    }
    ticket.leave();
    return null;
  }

  /**
   * Takes note that a follower has everything before an offset.
   *
   * @return the refusal for a follower that is unknown here, or null
   */
  public @Nullable Refusal followerFetched(FollowerProgress follower, Wakeups wakeups) {
    Refusal refusal = leader.followerFetched(follower, wakeups);
    if (refusal == null) {
      followers.note(follower);
    }
    return refusal;
  }

  /**
   * What a follower last said of itself to this node as the leader of the present epoch, or null
   * where it has said nothing. It may be no replica any more, or not alive.
   */
  public @Nullable FollowerProgress follower(int node) {
    return role() instanceof ReplicaRole.Leader(int epoch) ? followers.of(node, epoch) : null;
  }

  /** Has the watch told when another ISR may be due; there is one watch at a time. */
  public void watchIsr(IsrWatch watch) {
    leader.whenFollowerCaughtUp(() -> watch.followerCaughtUp(this));
  }

  /**
   * The ISR that this node, as the leader, should ask for now; null where it does not lead or all
   * is as it should be. What is returned counts from here on: see {@link IsrProposal}.
   */
  public @Nullable IsrProposal proposeIsr(IsrJudge judge) {
    return leader.proposeIsr(judge);
  }

  /** Whether the node is one of the partition's replicas, as its leader sees it. */
  public boolean isFollowedBy(int node) {
    return leader.isFollowedBy(node);
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
    if (role.isLeader() && !deletable) {
      return Refusal.FORBIDDEN_BY_SETTINGS;
    }
    Refusal refusal = leader.deleteRecordsBefore(offset);
    if (refusal == null) {
      Wakeups wakeups = new Wakeups();
      waiters.fetches().logStartMoved(wakeups);
      wakeups.run();
    }
    return refusal;
  }

  void updateSettings(LogSettings settings) {
    deletable = settings.deletePolicy();
    log.updateSettings(settings);
  }

  /** Takes the role that the image gives this node; the same image twice changes nothing. */
  void become(PartitionImage partition, int demandedInSync, Wakeups wakeups) {
    if (role.isOffline() || partition.leaderEpoch() < leaderEpoch()) {
      return;
    }
    if (partition.leader() == nodeId) {
      leader.lead(LeaderTerm.of(partition), demandedInSync, wakeups);
      return;
    }
    ReplicaRole.Follower follower =
        new ReplicaRole.Follower(partition.leaderEpoch(), partition.leader());
    if (!role().equals(follower) && leave(follower)) {
      waiters.roleChanged(Refusal.NOT_LEADER, wakeups);
    }
  }

  /**
   * Lets producers go that wait for others: this node hears nothing of the cluster, and another one
   * may lead by now. What they sent stays, and they find out there whether it has become of use.
   */
  void cutOff(Wakeups wakeups) {
    if (role() instanceof ReplicaRole.Leader) {
      waiters.committed().refuseAll(Refusal.NOT_LEADER, wakeups);
    }
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
    if (leave(new ReplicaRole.Offline(leaderEpoch(), cause))) {
      waiters.roleChanged(toWaiters, wakeups);
      whenOffline.accept(this);
    }
  }

  /** False where the replica was offline already, which it stays. */
  private boolean leave(ReplicaRole next) {
    lock.lock();
    try {
      if (role.isOffline()) {
        return false;
      }
      leader.leave();
      role.set(next);
      return true;
    } finally {
      lock.unlock();
    }
  }
}
