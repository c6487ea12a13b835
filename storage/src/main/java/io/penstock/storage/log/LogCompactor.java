package io.penstock.storage.log;

import io.penstock.storage.compact.BatchCleaner;
import io.penstock.storage.compact.CleanedTransactions;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningRound;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.CompactionNeed;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.compact.OffsetMap;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.producer.ProducerStates;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cleans one log: goes through what is dirty for the last offset of each key ({@link DirtyKeys});
 * where it is time, through what is clean for tombstones that may go ({@link DueTombstones}); then
 * rewrites the segments from the first one on without what was overwritten, small ones together,
 * and swaps them in. Where the keys do not fit into memory, it cleans as far as they do; the rest
 * is next time's. The clean part may end before where it began: {@link BatchCleaner} says why. One
 * cleaning of a log at a time, on a cleaner's thread; nothing waits for it.
 */
final class LogCompactor {
  private static final Logger LOG = LoggerFactory.getLogger(LogCompactor.class);

  /**
   * The active segment is not cleaned, so one with more than this, and more than the rest of the
   * log, is rolled before it is full: else an internal topic of a few live keys would hold a
   * segment for each partition.
   */
  static final int EARLY_ROLL_BYTES = 1 << 20;

  /** Who reads the end of the log sees each record for at least so long, as they were written. */
  static final long EARLY_ROLL_MS = 60_000;

  private final LogState state;
  private final LogTrimmer trimmer;
  private final LogWriter writer;

  /**
   * When the first tombstone of the clean part may go, as the last cleaning has found it; the first
   * cleaning has to look. Only to look less often: one cleaning after the other has it.
   */
  private long firstHorizonMs = Long.MIN_VALUE;

  LogCompactor(LogState state, LogTrimmer trimmer, LogWriter writer) {
    this.state = state;
    this.trimmer = trimmer;
    this.writer = writer;
  }

  /** What may be cleaned now; below {@code firstDirty} the log is clean. */
  private record Range(long start, long firstDirty, long end, CompactionNeed need) {
    boolean isEmpty() {
      return end <= firstDirty;
    }

    Range upTo(long nearerEnd) {
      return new Range(start, firstDirty, nearerEnd, need);
    }
  }

  // Need -------------------------------------------------------------------------------------

  CompactionNeed need(long nowMs) throws StorageException {
    if (state.closed || !state.settings.compactPolicy()) {
      return CompactionNeed.NONE;
    }
    long generation = state.generation;
    Segments before = state.segments.get();
    try {
      rollIfDue(nowMs);
      return state.query((segments, _) -> range(segments, nowMs)).need();
    } catch (StorageException | RuntimeException failure) {
      trimmer.awaitPublished();
      if (state.isAsItWas(before, generation)) {
        throw failure;
      }
      LOG.debug("A log has changed while it was looked at: partition={}", state.id, failure);
      return CompactionNeed.NONE; // it is looked at again soon
    }
  }

  /** Rolls an active segment that is old, though nobody writes to it, or mostly dirty. */
  private void rollIfDue(long nowMs) throws StorageException {
    LogEnd end = state.end;
    LogSegment active = end.segment();
    if (end.position() == 0) {
      return;
    }
    LogSettings settings = state.settings;
    // A stream that is replayed has old records at once: it is not for them that it is idle.
    long ageMs = nowMs - Math.max(active.rollBaseMs(), active.openedMs());
    // But no start makes younger what was there before: else it might wait for ever.
    boolean overdue =
        active.baseOffset() < state.endWhenOpened
            && nowMs - active.rollBaseMs() > settings.compaction().lagMaxMs();
    long restBytes = state.segments.get().sizeBytes() - active.sizeBytes();
    double ratio = settings.compaction().dirtyRatioMin();
    boolean mostlyDirty =
        ageMs > EARLY_ROLL_MS
            && end.position() >= EARLY_ROLL_BYTES
            && end.position() * (1 - ratio) > restBytes * ratio;
    if (ageMs > settings.rollMs() || overdue || mostlyDirty) {
      writer.rollIdle(end);
    }
  }

  private Range range(Segments segments, long nowMs) throws StorageException {
    CompactionSettings settings = state.settings.compaction();
    long start = Math.max(state.logStartOffset, segments.first().baseOffset());
    long cleanedTo = state.cleanedTo;
    long firstDirty = cleanedTo < start || cleanedTo > state.end.offset() ? start : cleanedTo;
    long undecided =
        state.withProducers(ProducerStates::firstUndecidedOffset).orElse(Long.MAX_VALUE);
    long limit = Math.min(undecided, Math.min(state.highWatermark, state.recoveryPoint));
    long cleanBytes = 0;
    long dirtyBytes = 0;
    long end = firstDirty;
    long oldestMs = nowMs;
    for (int i = 0; i + 1 < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      long next = segments.at(i + 1).baseOffset();
      if (next <= firstDirty) {
        cleanBytes += segment.sizeBytes();
        continue;
      }
      boolean young =
          settings.lagMinMs() > 0
              && segment.largestTimestampOrOpenedMs() > nowMs - settings.lagMinMs();
      if (young || next > limit || !segment.isSealed()) {
        break;
      }
      oldestMs = Math.min(oldestMs, segment.rollBaseMs());
      dirtyBytes += segment.sizeBytes();
      end = next;
    }
    long waitingMs = nowMs - oldestMs;
    return new Range(
        start,
        firstDirty,
        end,
        new CompactionNeed(cleanBytes, dirtyBytes, waitingMs, waitingMs > settings.lagMaxMs()));
  }

  // Cleaning ---------------------------------------------------------------------------------

  /** Cleans what may be cleaned, as far as memory goes; false when there was nothing. */
  boolean compact(CleanerTools tools, CleaningTotals totals)
      throws StorageException, CleaningAbortedException {
    long nowMs = state.services.clock().getAsLong();
    long generation = state.generation;
    Segments segments = state.segments.get();
    SegmentWatch watch = new SegmentWatch(state, trimmer, generation);
    Range range = watch.whileThere(segments.all(), () -> range(segments, nowMs));
    if (state.closed || range.isEmpty()) {
      return false;
    }
    // A recovery must find the gaps that are about to be made below what it believes.
    state.whenMovedBack.run();
    try (OffsetMap map = new OffsetMap(tools.mapBytesMax())) {
      long end =
          watch.whileThere(segments.all(), () -> fill(map, segments, range, nowMs, tools, totals));
      long cleanedTo = rewrite(map, segments, range.upTo(end), watch, tools, totals);
      if (!state.cleaned(cleanedTo, generation)) {
        throw new CleaningAbortedException("the log was truncated");
      }
      LOG.info(
          "Cleaned: partition={} from={} to={} cleanTo={} keys={} mapBytes={} bytes={}"
              + " keptBytes={} ms={}",
          state.id,
          range.firstDirty(),
          end,
          cleanedTo,
          map.size(),
          map.bytes(),
          totals.bytesRead,
          totals.bytesKept,
          state.services.clock().getAsLong() - nowMs);
    } finally {
      tools.release();
    }
    state.whenMovedBack.run();
    return true;
  }

  /**
   * Notes the keys that decide what stays: those of the dirty part, then those of tombstones that
   * are due. Returns the offset behind what of the dirty part is known.
   */
  private long fill(
      OffsetMap map,
      Segments segments,
      Range range,
      long nowMs,
      CleanerTools tools,
      CleaningTotals totals)
      throws StorageException, CleaningAbortedException {
    DirtyKeys dirty = new DirtyKeys(map, tools, totals, range.firstDirty(), range.end());
    long end = dirty.note(segments);
    if (firstHorizonMs <= nowMs) {
      new DueTombstones(map, tools, totals, nowMs).note(segments, range.firstDirty());
    }
    return end;
  }

  /** Returns how far the log is clean then. */
  private long rewrite(
      OffsetMap map,
      Segments segments,
      Range range,
      SegmentWatch watch,
      CleanerTools tools,
      CleaningTotals totals)
      throws StorageException, CleaningAbortedException {
    long nowMs = state.services.clock().getAsLong();
    CleaningRound round =
        new CleaningRound(
            nowMs,
            state.settings.compaction().tombstoneMs(),
            new CleaningRound.Range(range.start(), range.firstDirty(), range.end()),
            state.producerViews());
    CleanedTransactions transactions =
        new CleanedTransactions(watch.whileThere(segments.all(), segments::aborted));
    BatchCleaner cleaner = new BatchCleaner(round, map, transactions, tools, totals);
    SegmentRewriter rewriter =
        new SegmentRewriter(state, trimmer, watch, tools, cleaner, transactions, totals);
    int segmentBytes = state.settings.segmentBytes();
    for (List<LogSegment> group : SegmentGroups.of(segments, range.end(), segmentBytes)) {
      rewriter.rewrite(group);
    }
    firstHorizonMs = cleaner.firstHorizonMs();
    return cleaner.cleanedTo(range.end());
  }
}
