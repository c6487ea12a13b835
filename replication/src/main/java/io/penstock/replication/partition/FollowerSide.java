package io.penstock.replication.partition;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.epoch.EpochEnd;
import io.penstock.storage.epoch.EpochStart;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.PartitionLog;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Lock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replica does while it follows. Any thread; each step holds the partition's lock, and is
 * done only where the replica still stands at the position that it is meant for: whatever was asked
 * of an earlier leader, or before the log was cut, changes nothing. The watermark goes back only
 * before records are cut that were below it, so that nobody reads what is going.
 */
public final class FollowerSide {

  private static final Logger LOG = LoggerFactory.getLogger(FollowerSide.class);
  private static final FollowerStep ENDED = new FollowerStep.Ended();

  private final PartitionLog log;
  private final Watermark watermark;
  private final Waiters waiters;
  private final Lock lock;
  private final Supplier<ReplicaRole> role;
  private final BiConsumer<String, Wakeups> goOffline;
  private volatile Runnable whenAckable = () -> {};

  FollowerSide(
      PartitionLog log,
      Watermark watermark,
      Waiters waiters,
      Lock lock,
      Supplier<ReplicaRole> role,
      BiConsumer<String, Wakeups> goOffline) {
    this.log = log;
    this.watermark = watermark;
    this.waiters = waiters;
    this.lock = lock;
    this.role = role;
    this.goOffline = goOffline;
  }

  /** Where it stands. */
  public FollowerStep position() {
    lock.lock();
    try {
      return here();
    } finally {
      lock.unlock();
    }
  }

  /** Has a task run, without a lock, each time that a flush let it acknowledge more. */
  public void whenAckable(Runnable task) {
    whenAckable = task;
    log.flushWhatIsHeld();
  }

  void ackableMoved() {
    whenAckable.run();
  }

  /**
   * Writes what the leader sent for a position, if there is something, and takes over what is
   * committed and where the log starts. Waits for nothing but the write.
   */
  public FollowerStep append(
      FollowerPosition from, ByteBuffer records, LeaderNews news, Wakeups wakeups) {
    return step(from, wakeups, () -> appendHere(from, records, news));
  }

  /**
   * Cuts what the leader does not have, by what it says of where the two logs part: its largest
   * epoch that is not above the last one here, and where that ends. Where that epoch is not known
   * here, the leader has to be asked again from the new end (KIP-279). Blocks.
   *
   * @param leadersStart where the leader's log begins
   */
  public FollowerStep truncate(
      FollowerPosition from, EpochEnd leaders, long leadersStart, Wakeups wakeups) {
    return step(
        from,
        wakeups,
        () -> {
          long end = from.logEndOffset();
          EpochEnd own = log.epochs().endOffsetFor(leaders.epoch(), end);
          long ownEnd = own.equals(EpochEnd.UNKNOWN) ? end : own.endOffset();
          long to = leaders.endOffset() < 0 ? watermark.offset() : leaders.endOffset();
          return keepBefore(from, Math.min(to, Math.min(ownEnd, end)), leadersStart);
        });
  }

  /** Cuts what lies behind an offset, where the leader's log ends before this one's. Blocks. */
  public FollowerStep truncateTo(
      FollowerPosition from, long offset, long leadersStart, Wakeups wakeups) {
    return step(
        from, wakeups, () -> keepBefore(from, Math.min(offset, from.logEndOffset()), leadersStart));
  }

  /** Gives up what is here, since the leader's log begins behind it. Blocks. */
  public FollowerStep restartAt(FollowerPosition from, long offset, Wakeups wakeups) {
    return step(from, wakeups, () -> restart(offset));
  }

  /**
   * Takes up a first batch that begins before the end of this log, which is empty, or ends where
   * the leader's starts. The log of a leader may start within a batch, where records were deleted
   * up to there; a log that goes on from that start has to begin with the whole batch. Blocks.
   */
  public FollowerStep realign(
      FollowerPosition from, ByteBuffer records, LeaderNews news, Wakeups wakeups) {
    return step(
        from,
        wakeups,
        () -> {
          var _ = restart(RecordBatch.baseOffset(records, records.position()));
          return appendHere(from, records, news);
        });
  }

  // One step ---------------------------------------------------------------------------------

  /** Where it led, and whom it concerns. */
  private record Outcome(FollowerStep step, Progress progress, boolean wentBack) {

    Outcome(FollowerStep step) {
      this(step, Progress.NONE, false);
    }
  }

  /** What is done under the lock. */
  private interface Body {
    Outcome run() throws StorageException;
  }

  private FollowerStep step(FollowerPosition from, Wakeups wakeups, Body body) {
    Outcome outcome;
    try {
      outcome = underLock(from, body);
    } catch (DiskFullException full) {
      return new FollowerStep.NoRoom(String.valueOf(full.getMessage()));
    } catch (StorageException failure) {
      LOG.error("Following failed, the partition goes offline: partition={}", log.id(), failure);
      goOffline.accept(String.valueOf(failure.getMessage()), wakeups);
      return ENDED;
    } catch (RuntimeException bug) {
      goOffline.accept("broken invariant: " + bug, wakeups);
      throw bug;
    }
    if (outcome.wentBack) {
      waiters.fetches().disturb(wakeups);
    }
    waiters.tell(outcome.progress, wakeups);
    return outcome.step;
  }

  private Outcome underLock(FollowerPosition from, Body body) throws StorageException {
    lock.lock();
    try {
      FollowerStep now = here();
      boolean isThere = now instanceof FollowerStep.At(var at, _) && at.isSamePlace(from);
      return isThere ? body.run() : new Outcome(now);
    } finally {
      lock.unlock();
    }
  }

  // Under the lock ---------------------------------------------------------------------------

  private FollowerStep here() {
    if (!(role.get() instanceof ReplicaRole.Follower(int leaderEpoch, int leader))
        || leader == PartitionImage.NO_LEADER) {
      return ENDED;
    }
    long end = log.logEndOffset();
    int lastEpoch = end > log.logStartOffset() ? log.leaderEpochAt(end - 1) : -1;
    return new FollowerStep.At(
        new FollowerPosition(leader, leaderEpoch, end, lastEpoch, log.logStartOffset()),
        log.ackableEndOffset() < end);
  }

  private Outcome appendHere(FollowerPosition from, ByteBuffer records, LeaderNews news)
      throws StorageException {
    long bytes = records.remaining();
    if (bytes > 0) {
      long end = log.logEndOffset();
      boolean isNothingWorth = log.logStartOffset() == end || news.logStartOffset() >= end;
      if (isNothingWorth && reachesOver(records, end)) {
        return new Outcome(
            new FollowerStep.Misaligned(RecordBatch.baseOffset(records, records.position())));
      }
      AppendOutcome outcome = log.appendAsFollower(records, from.leaderEpoch());
      if (!(outcome instanceof AppendOutcome.Appended)) {
        return new Outcome(new FollowerStep.Rejected(outcome.toString()));
      }
      watermark.appended(bytes);
    }
    long committedBytes = takeOver(news);
    Progress progress = new Progress(bytes, committedBytes, watermark.offset());
    return new Outcome(here(), progress, false);
  }

  private static boolean reachesOver(ByteBuffer records, long offset) {
    int at = records.position();
    return records.remaining() >= RecordBatch.HEADER_BYTES
        && RecordBatch.baseOffset(records, at) >= 0
        && RecordBatch.baseOffset(records, at) < offset
        && RecordBatch.lastOffset(records, at) >= offset;
  }

  /** Follows the leader's watermark and start as far as this log goes; neither goes back. */
  private long takeOver(LeaderNews news) throws StorageException {
    long end = log.logEndOffset();
    long start = Math.min(news.logStartOffset(), end);
    if (start > log.logStartOffset()) {
      log.deleteRecordsBefore(start);
    }
    long committed = Math.max(Math.min(news.highWatermark(), end), log.logStartOffset());
    return watermark.raise(Math.max(committed, watermark.offset()));
  }

  /**
   * Where nothing is left, the copy begins where the leader's log does, and not where it parted.
   */
  private Outcome keepBefore(FollowerPosition from, long wanted, long leadersStart)
      throws StorageException {
    long offset = Math.min(wanted, credibleEnd(from));
    return offset <= log.logStartOffset() && leadersStart >= 0
        ? restart(Math.min(offset, leadersStart))
        : cutTo(offset);
  }

  /**
   * Where an epoch begins that is above the one it follows in, else the end. No leader has written
   * that: it was damaged on this disk, since no CRC covers the epoch of a batch. None of the
   * leader's offsets tells where, and asked again it would answer the same for ever.
   */
  private long credibleEnd(FollowerPosition from) {
    for (EpochStart known : log.epochs().entries()) {
      if (known.epoch() > from.leaderEpoch()) {
        return known.startOffset();
      }
    }
    return from.logEndOffset();
  }

  private Outcome cutTo(long offset) throws StorageException {
    boolean goesBack = warnIfCommitted(offset);
    watermark.cutTo(offset);
    log.truncateTo(offset);
    // The batch that held the offset is gone, too; it was never wholly below the watermark.
    watermark.cutTo(log.logEndOffset());
    return new Outcome(here(), Progress.NONE, goesBack);
  }

  private boolean warnIfCommitted(long offset) {
    boolean committed = offset < watermark.offset();
    if (committed) {
      LOG.warn(
          "Cutting records that were said to be committed: partition={} from={} watermark={}",
          log.id(),
          offset,
          watermark.offset());
    }
    return committed;
  }

  private Outcome restart(long offset) throws StorageException {
    warnIfCommitted(offset);
    watermark.cutTo(Math.min(watermark.offset(), offset));
    log.truncateFullyAndStartAt(offset);
    watermark.startAt(offset);
    return new Outcome(here(), Progress.NONE, true);
  }
}
