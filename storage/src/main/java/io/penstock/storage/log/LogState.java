package io.penstock.storage.log;

import io.penstock.storage.epoch.LeaderEpochHistory;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerStateView;
import io.penstock.storage.producer.ProducerStates;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the parts of a {@link PartitionLog} share. The published values (segments, end, start) are
 * read by any thread; the end is set by the writer only, the start only ever grows but for a
 * truncation of everything. Epochs and producers are changed under their own monitors, which are
 * taken last and cover memory only.
 */
final class LogState {
  private static final Logger LOG = LoggerFactory.getLogger(LogState.class);

  final LogId id;
  final Path directory;
  final LogServices services;
  final LeaderEpochHistory epochs;
  final AtomicReference<Segments> segments;

  private final ProducerStates producers;

  /**
   * Where what is left of the log ended when this process opened it: what is behind was written by
   * it.
   */
  volatile long endWhenOpened;

  volatile LogSettings settings;

  /** False while the settings only stand in for those of the topic: nothing is removed by them. */
  volatile boolean settingsKnown = true;

  volatile LogEnd end;
  volatile long logStartOffset;
  volatile long recoveryPoint;

  /** Everything below is on the disk, though a recovery would have to look for it. */
  volatile long durableEnd;

  /** Everything below is as durable as the settings ask before an ack; never above the end. */
  volatile long ackableEnd;

  volatile long highWatermark;

  /** Everything below was compacted; -1 in a log that has no gaps and is not meant to. */
  volatile long cleanedTo;

  /** Whether a cut is under way; guarded by the monitor. */
  private boolean cutting;

  /**
   * Whether the checkpoints on the disk may speak of what a cut takes, which may be one that was
   * given up because they could not be written; guarded by the monitor.
   */
  private boolean checkpointsAhead;

  /** Whether it was seen to that a recovery will know of gaps; guarded by the monitor. */
  private boolean gapsWrittenDown;

  /** Whether that is being written now, so that acks wait for it; guarded by the monitor. */
  private boolean writingGapsDown;

  volatile boolean closed;

  /** Counts truncations: what was begun before one must not speak of offsets after it. */
  volatile long generation;

  /** What has to be durable before anything in the log is; null once it is. */
  volatile @Nullable StorageTask beforeFirstFlush;

  /** Writes the checkpoints down; run when they say more than is true of the log any longer. */
  volatile StorageTask whenMovedBack = () -> {};

  /**
   * Writes down that the log may have gaps. A log outside of a directory, which has nowhere to
   * write it and nobody who waits for acks, goes on at once, under the writer's monitor.
   */
  volatile GapNotes gapNotes = Runnable::run;

  /** Set when the log's files are given up: what is under way on them may fail. */
  volatile boolean abandoned;

  /** Run, without a lock, when {@link #ackableEnd} has moved other than by an append. */
  volatile Runnable whenAckable = () -> {};

  /** When the writer last wrote, by the clock. */
  volatile long lastAppendMs;

  /** Since the log was opened: what was there before may not be in memory. */
  final AtomicLong bytesAppended = new AtomicLong();

  LogState(Opened opened, LogServices services, LogSettings settings) {
    this.id = opened.id();
    this.directory = opened.directory();
    this.services = services;
    this.settings = settings;
    this.epochs = opened.epochs();
    this.producers = opened.producers();
    this.segments = new AtomicReference<>(new Segments(opened.segments()));
    this.end = opened.end();
    this.endWhenOpened = end.offset();
    this.logStartOffset = opened.logStartOffset();
    this.recoveryPoint = opened.recoveryPoint();
    this.highWatermark = opened.highWatermark();
    this.cleanedTo = opened.offsets().cleanedTo();
    this.gapsWrittenDown = cleanedTo >= 0;
    noteWhetherCompacted(settings);
    this.durableEnd = recoveryPoint;
    this.ackableEnd = recoveryPoint;
    moveAckableEnd();
  }

  /** What recovery, or creation, hands over. */
  record Opened(
      LogId id,
      Path directory,
      LeaderEpochHistory epochs,
      ProducerStates producers,
      List<LogSegment> segments,
      LogEnd end,
      LogOffsets offsets) {
    long logStartOffset() {
      return offsets.logStartOffset();
    }

    long recoveryPoint() {
      return offsets.recoveryPoint();
    }

    long highWatermark() {
      return offsets.highWatermark();
    }
  }

  /** Work on the producers' states; memory only. */
  interface ProducerWork<T extends @Nullable Object> {
    T on(ProducerStates producers);
  }

  <T extends @Nullable Object> T withProducers(ProducerWork<T> work) {
    synchronized (producers) {
      return work.on(producers);
    }
  }

  List<ProducerStateView> producerViews() {
    return withProducers(ProducerStates::list);
  }

  /**
   * Work for the background that may meet the log's files renamed or closed. Why this is no error:
   * it would take the whole directory offline because one topic was deleted.
   */
  StorageTask untilAbandoned(StorageTask task) {
    return () -> {
      if (abandoned) {
        return;
      }
      try {
        task.run();
      } catch (StorageException | RuntimeException failure) {
        if (!abandoned) {
          throw failure;
        }
        LOG.debug("Work on a log ended with it: partition={}", id, failure);
      }
    };
  }

  void checkOpen() throws StorageException {
    if (closed) {
      throw new StorageException("Log is closed", directory, "none: its partition has left");
    }
  }

  /** Moves the log start offset forward, never back; false when it is there already. */
  synchronized boolean advanceLogStartOffset(long offset) {
    if (offset <= logStartOffset) {
      return false;
    }
    logStartOffset = offset;
    highWatermark = Math.max(highWatermark, offset);
    return true;
  }

  /** Publishes the end behind what the writer has written. */
  synchronized void appended(LogEnd after) {
    end = after;
    moveAckableEnd();
  }

  /**
   * Kafka's rule for {@code flush.messages}: with fewer records than that behind the last fsync, an
   * append is good as it is; else it is good when it is on the disk. Behind the first gap it is not
   * before a recovery would find it there.
   */
  private void moveAckableEnd() {
    if (writingGapsDown) {
      return;
    }
    long unforced = end.offset() - durableEnd;
    ackableEnd =
        unforced < settings.flushMessages() ? end.offset() : Math.max(ackableEnd, durableEnd);
  }

  /** Whether there are acks that an fsync would release, which it does not behind a first gap. */
  boolean isFlushAwaited() {
    long endNow = end.offset();
    return ackableEnd < endNow && endNow - durableEnd >= settings.flushMessages();
  }

  /**
   * Takes note that everything below is on the disk, unless the log was truncated since it was
   * aimed at, and tells who waits for that. Called without a lock.
   */
  void madeDurable(long offset, long ofGeneration) {
    boolean moved;
    synchronized (this) {
      if (ofGeneration != generation) {
        return;
      }
      long before = ackableEnd;
      durableEnd = Math.max(durableEnd, offset);
      moveAckableEnd();
      moved = ackableEnd != before;
    }
    if (moved) {
      whenAckable.run();
    }
  }

  void updateSettings(LogSettings changed) {
    boolean moved;
    synchronized (this) {
      long before = ackableEnd;
      settings = changed;
      settingsKnown = true; // after the settings: who sees it sees them
      noteWhetherCompacted(changed);
      moveAckableEnd();
      moved = ackableEnd != before;
    }
    if (moved) {
      whenAckable.run();
    }
  }

  /** Once a log was compacted, its offsets have gaps, whatever its settings become. */
  private void noteWhetherCompacted(LogSettings now) {
    if (now.compactPolicy() && cleanedTo < 0) {
      cleanedTo = 0;
    }
  }

  /**
   * Takes note that a batch is about to be appended behind a gap: the first time, it is written
   * down that there may be such, or a recovery would cut the log there. Nothing more may be
   * acknowledged until that is done.
   */
  void meetsGap() {
    synchronized (this) {
      if (gapsWrittenDown) {
        return;
      }
      gapsWrittenDown = true;
      writingGapsDown = true;
      cleanedTo = Math.max(cleanedTo, 0);
    }
    gapNotes.ask(this::holdForGapsNoMore);
  }

  private void holdForGapsNoMore() {
    boolean moved;
    synchronized (this) {
      long before = ackableEnd;
      writingGapsDown = false;
      moveAckableEnd();
      moved = ackableEnd != before;
    }
    if (moved && !abandoned) {
      whenAckable.run();
    }
  }

  /** Takes note of a cleaning, unless the log was truncated since it began. */
  synchronized boolean cleaned(long upTo, long ofGeneration) {
    if (ofGeneration != generation) {
      return false;
    }
    cleanedTo = upTo;
    return true;
  }

  /** A question to the segments and the end of the log as they are at one time. */
  interface SegmentQuery<T> {
    T in(Segments segments, LogEnd end) throws StorageException;
  }

  /**
   * Asks again when the segments were replaced meanwhile: a cleaning swaps them, and takes the old
   * ones away from under whoever looks for something in them.
   */
  <T> T query(SegmentQuery<T> query) throws StorageException {
    while (true) {
      LogEnd endNow = end;
      Segments now = segments.get();
      try {
        return query.in(now, endNow);
      } catch (StorageException | IllegalStateException failure) {
        // An index says the latter when it is closed.
        if (segments.get() == now) {
          throw failure;
        }
      }
    }
  }

  /** Whether the log is open, and no segment of it was added, replaced, deleted or cut. */
  boolean isAsItWas(Segments before, long atGeneration) {
    return isStill(atGeneration) && segments.get() == before;
  }

  /** Whether the log is open, and none of these segments of it was replaced, deleted or cut. */
  boolean has(List<LogSegment> some, long atGeneration) {
    return isStill(atGeneration) && segments.get().all().containsAll(some);
  }

  /** A log that was given up keeps its list of segments, though their files are closed. */
  private boolean isStill(long atGeneration) {
    return !closed && !abandoned && generation == atGeneration;
  }

  /** Has what must be durable before the log's records made so. */
  void forceBeforeFirst() throws StorageException {
    StorageTask task = beforeFirstFlush;
    if (task != null) {
      task.run();
      beforeFirstFlush = null;
    }
  }

  /** Moves the recovery point forward, unless the log was truncated since it was aimed at. */
  synchronized boolean advanceRecoveryPoint(long offset, long ofGeneration) {
    if (ofGeneration != generation || cutting) {
      return false;
    }
    recoveryPoint = Math.max(recoveryPoint, offset);
    return true;
  }

  /**
   * What was true of a log when a cut of it began.
   *
   * @param checkpointed whether the checkpoints on the disk may speak of what is to be cut
   * @param durable whether all that is to stay is on the disk
   */
  record CutStart(boolean checkpointed, boolean durable) {}

  /**
   * What was flushed or cleaned is going to be cut: no flush, cleaning or checkpoint may speak of
   * it any longer, and no flush may say before {@link #endCut} that what stays needs no recovery.
   *
   * @param keptEnd where the last batch ends that stays: before the offset where that is in a gap,
   *     of which everything is on the disk as soon as that batch is
   */
  synchronized CutStart beginCut(long offset, long keptEnd) {
    generation++;
    cutting = true;
    checkpointsAhead |= offset < Math.max(recoveryPoint, cleanedTo);
    CutStart start = new CutStart(checkpointsAhead, keptEnd <= Math.max(recoveryPoint, durableEnd));
    recoveryPoint = Math.min(recoveryPoint, offset);
    durableEnd = Math.min(durableEnd, offset);
    cleanedTo = Math.min(cleanedTo, offset);
    return start;
  }

  /** Takes note that the checkpoints on the disk say no more than the log does since its cut. */
  synchronized void checkpointsFollowed() {
    checkpointsAhead = false;
  }

  synchronized void endCut() {
    generation++;
    cutting = false;
  }

  /** Publishes that the log, which ends where it did, goes on in another segment. */
  void goesOnIn(LogSegment next) {
    segments.updateAndGet(now -> now.plus(next));
    end = new LogEnd(end.offset(), next, 0);
  }

  /** Ends a generation: no offset that readers or checkpoints see is above the new end. */
  synchronized void truncated(LogEnd newEnd, long newStart) {
    generation++;
    end = newEnd;
    logStartOffset = newStart;
    recoveryPoint = Math.clamp(recoveryPoint, newStart, newEnd.offset());
    endWhenOpened = Math.min(endWhenOpened, newEnd.offset());
    highWatermark = Math.clamp(highWatermark, newStart, newEnd.offset());
    durableEnd = Math.clamp(durableEnd, newStart, newEnd.offset());
    ackableEnd = Math.clamp(ackableEnd, newStart, newEnd.offset());
    cleanedTo = Math.min(cleanedTo, newEnd.offset());
    moveAckableEnd();
  }

  void assignEpoch(int epoch, long startOffset) {
    synchronized (epochs) {
      epochs.assign(epoch, startOffset);
    }
  }
}
