package io.penstock.storage.log;

import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.CompactionNeed;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.epoch.LeaderEpochHistory;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerStateView;
import io.penstock.storage.producer.ProducerStates;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The log of one partition. Whoever appends, truncates or changes its role holds the partition's
 * lock, so that there is one writer at a time; reads and background work need no lock, for they see
 * only published values, the end of the log last.
 */
public final class PartitionLog implements AutoCloseable {
  private final LogState state;
  private final SnapshotFiles snapshots;
  private final LogFlusher flusher;
  private final LogWriter writer;
  private final LogReader reader;
  private final LogTrimmer trimmer;
  private final LogTruncator truncator;
  private final TimeSearch times;
  private final LogCompactor compactor;

  private PartitionLog(LogState state, SnapshotFiles snapshots) {
    this.state = state;
    this.snapshots = snapshots;
    this.flusher = new LogFlusher(state, snapshots);
    SegmentSupply supply = new SegmentSupply(state);
    this.writer = new LogWriter(state, supply, flusher);
    this.reader = new LogReader(state);
    this.trimmer = new LogTrimmer(state, writer, snapshots);
    this.truncator = new LogTruncator(state, trimmer, supply, snapshots);
    this.times = new TimeSearch(state);
    this.compactor = new LogCompactor(state, trimmer, writer);
  }

  /**
   * Opens what is in a directory, which may be nothing yet, and recovers it unless the last stop
   * was clean. Blocks.
   */
  public static PartitionLog open(
      LogId id,
      Path directory,
      LogSettings settings,
      LogServices services,
      LogOffsets checkpointed,
      boolean clean)
      throws StorageException {
    LogRecovery recovery = new LogRecovery(id, directory, settings, services, checkpointed, clean);
    LogState state = new LogState(recovery.open(), services, settings);
    return new PartitionLog(state, recovery.snapshots());
  }

  public LogId id() {
    return state.id;
  }

  /** The directory of the log's files. */
  public Path directory() {
    return state.directory;
  }

  // Appending, under the partition's lock ------------------------------------------------------

  /** Assigns offsets and the leader's epoch in the buffer and writes it to the active segment. */
  public AppendOutcome appendAsLeader(ByteBuffer records, int leaderEpoch, long nowMs)
      throws StorageException {
    return writer.appendAsLeader(records, leaderEpoch, nowMs);
  }

  /**
   * Writes batches as the leader of this epoch sent them, all that are whole or none; a cut-off
   * last batch is left out. Compaction may have left gaps between them.
   */
  public AppendOutcome appendAsFollower(ByteBuffer records, int leaderEpoch)
      throws StorageException {
    return writer.appendAsFollower(records, leaderEpoch);
  }

  /**
   * Removes the batches that hold the offset or come after it; blocks. The log then ends at the
   * offset, or where the batch began that held it.
   *
   * <p>The file is cut in place, and the next append may write where the cut records were. The
   * kernel sends the pages of a file as they are when they leave, so a slice of the cut records,
   * and even bytes of it that a socket has taken already, may reach a peer torn or changed. So this
   * is for records that no consumer was given (those above the high watermark), and a replica that
   * cuts stops serving them to other replicas first, which check the CRC of what they get.
   */
  public void truncateTo(long offset) throws StorageException {
    trimmer.exclusively(() -> writer.exclusively(() -> truncator.truncateTo(offset)));
  }

  /** Removes all records; the log is then empty and begins at the offset. Blocks. */
  public void truncateFullyAndStartAt(long offset) throws StorageException {
    trimmer.exclusively(() -> writer.exclusively(() -> truncator.startAt(offset)));
  }

  // Reading, any thread ------------------------------------------------------------------------

  /**
   * Finds the bytes from the batch that holds {@code offset} on, of batches that lie wholly below
   * {@code limitOffset}. At most {@code maxBytes}, where the last batch may be cut, but for a first
   * batch that is larger: it is answered whole if {@code atLeastOneBatch}, else not at all.
   */
  public ReadOutcome read(long offset, int maxBytes, long limitOffset, boolean atLeastOneBatch)
      throws StorageException {
    return reader.read(offset, maxBytes, limitOffset, atLeastOneBatch);
  }

  /**
   * Whether {@link #read} at this offset would find its place in memory; otherwise it may wait for
   * the disk, and belongs on a thread that may.
   */
  public boolean findsWithoutDisk(long offset) throws StorageException {
    return reader.findsWithoutDisk(offset);
  }

  /** The first record below the limit whose timestamp is at least the one asked for. May block. */
  public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long limitOffset)
      throws StorageException {
    return times.firstAtOrAfter(timestampMs, limitOffset);
  }

  /** The first record with the largest timestamp. May block. */
  public Optional<TimestampedOffset> maxTimestamp() throws StorageException {
    return times.latest();
  }

  public long logStartOffset() {
    return state.logStartOffset;
  }

  public long logEndOffset() {
    return state.end.offset();
  }

  /** Everything below is on the disk, and no recovery looks at it. */
  public long recoveryPoint() {
    return state.recoveryPoint;
  }

  /**
   * Everything below may be acknowledged, by the leader to a producer and by a follower to its
   * leader: it is as durable as the settings of this log ask. Without {@code flush.messages} this
   * is the log's end; with it, an append that makes a flush due is below only when that flush has
   * ended. What lies behind the first gap of a log is below once it is written down that there may
   * be gaps. Only a truncation takes it back.
   */
  public long ackableEndOffset() {
    return state.ackableEnd;
  }

  /**
   * Has the task run each time that the ackable end has moved other than by an append: on a thread
   * of the background, or on that which changes the settings, and without a lock of the log.
   */
  public void whenAckable(Runnable task) {
    state.whenAckable = task;
  }

  /** Asks for the flush that held acks wait for, as appends do by themselves. */
  public void flushWhatIsHeld() {
    flusher.flushWhatIsHeld();
  }

  public long sizeBytes() {
    return state.segments.get().sizeBytes();
  }

  public int segmentCount() {
    return state.segments.get().count();
  }

  /** Which epoch began where; read only. */
  public LeaderEpochHistory epochs() {
    return state.epochs;
  }

  /** The epoch of the leader that wrote the offset, or -1. */
  public int leaderEpochAt(long offset) {
    return state.epochs.epochAt(offset);
  }

  public List<ProducerStateView> producers() {
    return state.producerViews();
  }

  // Looking after it, any thread ---------------------------------------------------------------

  /** The high watermark that was last recorded, or checkpointed before the log was opened. */
  public long recordedHighWatermark() {
    return state.highWatermark;
  }

  /** Everything below was compacted; -1 in a log that has no gaps and is not meant to. */
  public long cleanedTo() {
    return state.cleanedTo;
  }

  /** Tells the log how far it is committed: what retention may delete and checkpoints write. */
  public void recordHighWatermark(long highWatermark) {
    state.highWatermark = highWatermark;
  }

  /** Moves the log start offset forward; returns where it is now. */
  public long deleteRecordsBefore(long offset) throws StorageException {
    state.checkOpen();
    if (offset > state.end.offset()) {
      throw new IllegalArgumentException(offset + " is behind the end " + state.end.offset());
    }
    if (state.advanceLogStartOffset(offset)) {
      synchronized (state.epochs) {
        state.epochs.truncateFromStart(offset);
      }
      state.services.work().flush(state.untilAbandoned(trimmer::deleteOutOfSight));
    }
    return state.logStartOffset;
  }

  /**
   * Has something made durable before the first records are. For a log that was created: its
   * directory's own names and files need not be durable sooner.
   */
  public void beforeFirstFlush(StorageTask task) {
    state.beforeFirstFlush = task;
  }

  /** Has the checkpoints written down when a truncation makes those on the disk untrue. */
  public void whenMovedBack(StorageTask writeCheckpoints) {
    state.whenMovedBack = writeCheckpoints;
  }

  /** Has it written down that the log may have gaps, before the first of them counts. */
  public void gapNotes(GapNotes notes) {
    state.gapNotes = notes;
  }

  /** Makes everything appended so far durable; blocks on the disk. */
  public void flush() throws StorageException {
    flusher.flush();
  }

  /** Flushes in the background if unforced data has waited as long as it may. */
  public void flushIfDue(long nowMs) {
    flusher.flushIfDue(nowMs);
  }

  /** Deletes old segments below the high watermark; returns how many. */
  public int applyRetention(long nowMs, long highWatermark) throws StorageException {
    state.withProducers(producers -> {
      producers.expire(nowMs);
      return producers;
    });
    AtomicInteger deleted = new AtomicInteger();
    state.untilAbandoned(() -> deleted.set(trimmer.applyRetention(nowMs, highWatermark))).run();
    return deleted.get();
  }

  /** What a cleaning would gain; also rolls an active segment that should be cleaned soon. */
  public CompactionNeed compactionNeed(long nowMs) throws StorageException {
    return compactor.need(nowMs);
  }

  /** Whether the settings say that the log is to be compacted, and how. */
  public Optional<CompactionSettings> compactionSettings() {
    boolean known = state.settingsKnown; // before the settings are read
    LogSettings now = state.settings;
    return known && now.compactPolicy() ? Optional.of(now.compaction()) : Optional.empty();
  }

  /**
   * Removes records that were overwritten. Long, and one at a time: for a cleaner's thread. False
   * when there was nothing to do.
   */
  public boolean compact(CleanerTools tools, CleaningTotals totals)
      throws StorageException, CleaningAbortedException {
    try {
      return compactor.compact(tools, totals);
    } catch (StorageException | RuntimeException failure) {
      if (state.abandoned) {
        throw new CleaningAbortedException("the log is gone");
      }
      throw failure;
    }
  }

  /**
   * Says that the log was opened with settings that are not its topic's: nothing is deleted or
   * compacted by them before {@link #updateSettings} brings those. For one that was just opened.
   */
  public void awaitSettings() {
    state.settingsKnown = false;
  }

  public void updateSettings(LogSettings settings) {
    state.updateSettings(settings);
  }

  /** Ends the log's life in this process with everything on the disk; idempotent. */
  @Override
  public void close() throws StorageException {
    if (!writer.close()) {
      return;
    }
    try {
      flusher.flush();
      long end = state.end.offset();
      if (end > state.logStartOffset && !snapshots.has(end)) {
        snapshots.write(end, state.withProducers(ProducerStates::list));
      }
      snapshots.prune(state.segments.get());
      state.end.segment().trim();
    } finally {
      closeFiles();
    }
  }

  /**
   * Ends the log's life without writing anything: its files are deleted, or its disk has failed.
   * Waits for who renames its files now, by paths that may be another log's afterwards. Not under
   * the partition's lock.
   */
  public void abandon() throws StorageException {
    state.abandoned = true; // what is under way may fail from now on, and ends sooner
    trimmer.exclusively(() -> {
      if (writer.abandon()) {
        closeFiles();
      }
    });
  }

  /** Whether slices of it are out. */
  public boolean isInUse() {
    return state.segments.get().all().stream().anyMatch(LogSegment::isInUse);
  }

  private void closeFiles() throws StorageException {
    for (LogSegment segment : state.segments.get().all()) {
      segment.close();
    }
  }
}
