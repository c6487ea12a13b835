package io.penstock.storage.log;

import io.penstock.storage.io.StorageException;
import io.penstock.storage.retention.RetentionPolicy;
import io.penstock.storage.retention.SegmentAge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a log that goes: deletes segments that are expired or lie before the log start offset.
 * Runs in the background, beside appends and reads; one at a time by its monitor. The start moves
 * before a segment goes, so that a reader that misses a segment finds its offset out of range.
 */
final class LogTrimmer {
  private static final Logger LOG = LoggerFactory.getLogger(LogTrimmer.class);

  private final LogState state;
  private final LogWriter writer;
  private final SnapshotFiles snapshots;
  private final PacedDeletion deletion;
  private final RetentionByTime byTime;

  LogTrimmer(LogState state, LogWriter writer, SnapshotFiles snapshots) {
    this.state = state;
    this.writer = writer;
    this.snapshots = snapshots;
    this.byTime = new RetentionByTime(state);
    this.deletion = new PacedDeletion(state.services.disk(), state.services.work());
  }

  int applyRetention(long nowMs, long highWatermark) throws StorageException {
    boolean known = state.settingsKnown; // before the settings are read
    LogSettings settings = state.settings;
    RetentionPolicy policy =
        known && settings.deletePolicy()
            ? new RetentionPolicy(settings.retentionMs(), settings.retentionBytes())
            : RetentionPolicy.KEEP_ALL;
    return apply(policy, nowMs, highWatermark);
  }

  /** Deletes only what lies before the log start offset. */
  void deleteOutOfSight() throws StorageException {
    int deleted = apply(RetentionPolicy.KEEP_ALL, 0, state.highWatermark);
    LOG.debug("Deleted segments before the start: partition={} count={}", state.id, deleted);
  }

  /** Does something that replaces segments, while none is deleted. Before the writer's monitor. */
  synchronized void exclusively(StorageTask change) throws StorageException {
    change.run();
  }

  /**
   * Waits until who replaces or removes segments now has published it: in between, their files may
   * be gone though nothing says so yet. For who could not read one, and asks why.
   */
  synchronized void awaitPublished() {
    // By the monitor.
  }

  private synchronized int apply(RetentionPolicy policy, long nowMs, long highWatermark)
      throws StorageException {
    if (state.closed) {
      return 0;
    }
    if (policy.retentionMs() != RetentionPolicy.UNLIMITED) {
      hideOlderThan(policy.retentionMs(), nowMs, highWatermark);
    }
    LogEnd end = state.end;
    Segments segments = state.segments.get();
    int expired =
        policy.expired(
            ages(segments, end, policy.retentionMs()), state.logStartOffset, highWatermark, nowMs);
    if (expired == segments.count() && !writer.rollIdle(end)) {
      expired--;
    }
    if (expired <= 0) {
      return 0;
    }
    deleteFirst(expired);
    return expired;
  }

  /** What is too old is out of sight at once, to the batch; its segment may have to wait. */
  private void hideOlderThan(long retentionMs, long nowMs, long highWatermark)
      throws StorageException {
    long start = byTime.startAt(nowMs, retentionMs, highWatermark);
    if (state.advanceLogStartOffset(start)) {
      synchronized (state.epochs) {
        state.epochs.truncateFromStart(start);
      }
      LOG.debug("Records expired: partition={} start={}", state.id, start);
    }
  }

  /** The active segment counts only when it has something to delete. */
  private List<SegmentAge> ages(Segments segments, LogEnd end, long retentionMs)
      throws StorageException {
    List<SegmentAge> ages = new ArrayList<>(segments.count());
    for (int i = 0; i < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      boolean last = segment == end.segment();
      if (last && end.position() == 0) {
        break;
      }
      long next = last ? end.offset() : segments.at(i + 1).baseOffset();
      long largest =
          retentionMs == RetentionPolicy.UNLIMITED ? 0 : segment.largestTimestampOrOpenedMs();
      ages.add(new SegmentAge(next, last ? end.position() : segment.sizeBytes(), largest));
      if (last) {
        break;
      }
    }
    return ages;
  }

  private void deleteFirst(int count) throws StorageException {
    Segments before = state.segments.get();
    before.at(count).makeNameDurable();
    long newStart = before.at(count).baseOffset();
    state.advanceLogStartOffset(newStart);
    state.segments.updateAndGet(segments -> segments.withoutFirst(count));
    synchronized (state.epochs) {
      state.epochs.truncateFromStart(state.logStartOffset);
    }
    discard(before.all().subList(0, count));
    snapshots.deleteBelow(newStart);
    LOG.info(
        "Deleted old segments: partition={} segments={} start={}",
        state.id,
        count,
        state.logStartOffset);
  }

  /** Takes segments that no reader finds any longer from the disk, after a delay. */
  void discard(List<LogSegment> segments) throws StorageException {
    for (LogSegment segment : segments) {
      List<Path> files = segment.remove();
      state.services.metrics().deletedSegments().inc();
      long delayMs = state.settings.fileDeleteDelayMs();
      state.services.work().delete(delayMs, segment::close);
      deletion.start(delayMs, files, segment::isInUse);
    }
  }
}
