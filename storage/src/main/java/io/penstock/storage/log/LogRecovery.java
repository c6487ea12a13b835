package io.penstock.storage.log;

import com.codahale.metrics.Timer;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.epoch.EpochStart;
import io.penstock.storage.epoch.LeaderEpochHistory;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogState.Opened;
import io.penstock.storage.producer.ProducerLimits;
import io.penstock.storage.producer.ProducerStates;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a log that exists. What lies below the recovery point was forced, with its indexes, before
 * that point was written down, and is believed. Behind it every batch is checked, the log is cut at
 * the first one that is damaged or does not continue the one before, and indexes, epochs and
 * producers are built again. After a clean stop nothing is scanned but the headers behind the last
 * index entry. Used once, by one thread.
 */
final class LogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

  private final LogId id;
  private final Path directory;
  private final LogSettings settings;
  private final LogServices services;
  private final LogOffsets checkpointed;
  private final boolean clean;
  private final Supplier<RecoveryScanner> scanners;
  private final SnapshotFiles snapshots;
  private final ProducerStates producers = new ProducerStates(ProducerLimits.DEFAULT);
  private final List<LogSegment> segments = new ArrayList<>();
  private LeaderEpochHistory epochs;
  private boolean epochsLost;
  private long endOffset;

  LogRecovery(
      LogId id,
      Path directory,
      LogSettings settings,
      LogServices services,
      LogOffsets checkpointed,
      boolean clean) {
    this(id, directory, settings, services, checkpointed, clean, RecoveryScanner::new);
  }

  LogRecovery(
      LogId id,
      Path directory,
      LogSettings settings,
      LogServices services,
      LogOffsets checkpointed,
      boolean clean,
      Supplier<RecoveryScanner> scanners) {
    this.id = id;
    this.directory = directory;
    this.settings = settings;
    this.services = services;
    this.checkpointed = checkpointed;
    this.clean = clean;
    this.scanners = scanners;
    this.snapshots = new SnapshotFiles(services.disk(), directory);
    this.epochs = LeaderEpochHistory.empty(services.disk(), directory);
  }

  SnapshotFiles snapshots() {
    return snapshots;
  }

  Opened open() throws StorageException {
    try (Timer.Context _ = services.metrics().recoveryTime().time()) {
      LogFiles files = LogFiles.tidy(services.disk(), directory, snapshots);
      openEpochs();
      openSegments(files);
      if (segments.isEmpty()) {
        startEmpty(Math.max(0, checkpointed.logStartOffset()));
      }
      long scanFrom = scanStart();
      recoverFrom(scanFrom);
      return finish();
    }
  }

  private void openEpochs() throws StorageException {
    try {
      epochs = LeaderEpochHistory.open(services.disk(), directory);
    } catch (CorruptFileException damaged) {
      LOG.warn("Building the leader epochs anew: partition={} cause={}", id, damaged.getMessage());
      epochsLost = true;
    }
  }

  // Segments ---------------------------------------------------------------------------------

  private void openSegments(LogFiles files) throws StorageException {
    NavigableMap<Long, Integer> found = files.segments();
    long lastBase = found.isEmpty() ? -1 : found.lastKey();
    for (Map.Entry<Long, Integer> file : found.entrySet()) {
      long base = file.getKey();
      long next = base == lastBase ? Long.MAX_VALUE : found.higherKey(base);
      boolean believed = base != lastBase && (clean || next <= checkpointed.recoveryPoint());
      segments.add(
          believed && files.hasIndexes(base)
              ? openSealed(base, file.getValue())
              : openWritable(base, file.getValue(), believed));
    }
  }

  private LogSegment openSealed(long base, int size) throws StorageException {
    try {
      LogSegment segment = LogSegment.sealed(services, directory, base, size);
      if (size == 0 || segment.indexes().lastOffset().position() < size) {
        return segment;
      }
      LOG.warn("Index points behind its segment: partition={} segment={}", id, base);
    } catch (CorruptFileException damaged) {
      LOG.warn("Building an index anew: partition={} cause={}", id, damaged.getMessage());
    }
    Disk disk = services.disk();
    disk.delete(SegmentIndexes.offsetsPath(directory, base));
    disk.delete(SegmentIndexes.timesPath(directory, base));
    return openWritable(base, size, true);
  }

  /** A segment whose indexes are built again, now if it is believed, else by the scan. */
  private LogSegment openWritable(long base, int size, boolean believed) throws StorageException {
    LogSegment segment = LogSegment.active(services, directory, base, size, settings.indexBytes());
    if (believed) {
      segment.dropIndexes(settings.indexBytes());
      segment.rebuildIndexes(size, settings.indexIntervalBytes());
      segment.seal();
    }
    return segment;
  }

  private void startEmpty(long offset) throws StorageException {
    segments.add(LogSegment.create(services, directory, offset, settings.indexBytes()));
    endOffset = offset;
  }

  // Scan -------------------------------------------------------------------------------------

  /** Where checking begins: at the recovery point, or after a clean stop at the last segment. */
  private long scanStart() {
    long lastBase = segments.getLast().baseOffset();
    if (clean) {
      return lastBase;
    }
    return Math.max(checkpointed.recoveryPoint(), segments.getFirst().baseOffset());
  }

  private void recoverFrom(long scanFrom) throws StorageException {
    int index = new Segments(segments).floorIndex(scanFrom);
    LogSegment first = segments.get(index);
    boolean indexed =
        first.keepIndexesBefore(clean ? Long.MAX_VALUE : scanFrom, settings.indexBytes());
    HeaderEnd known = clean ? first.wellFormedEnd() : first.batchesBelow(scanFrom);
    if (!indexed) {
      first.rebuildIndexes(known.position(), settings.indexIntervalBytes());
    }
    endOffset = Math.max(first.baseOffset(), known.offset());
    boolean whole = clean && known.position() == first.sizeBytes();
    if (!whole && (clean || endOffset < scanFrom)) {
      // Batches that were believed are gone; their index entries must go before others follow.
      if (!first.keepIndexesBefore(endOffset, settings.indexBytes())) {
        first.rebuildIndexes(known.position(), settings.indexIntervalBytes());
      }
    }
    // What was flushed last may be of epochs whose records did not last; the scan finds the rest.
    epochs.truncateFromEnd(endOffset);
    replayProducers(endOffset);
    first.beginScan(known.position(), endOffset);
    if (!whole) {
      try (RecoveryScanner scanner = scanners.get()) {
        scan(scanner, index, known.position());
      }
    }
    for (LogSegment segment : segments) {
      if (epochsLost) {
        segment.eachHeader(reader -> noteEpoch(reader.buffer(), reader.at()));
      }
    }
  }

  private void replayProducers(long upTo) throws StorageException {
    new ProducerReplay(snapshots, new Segments(segments), services.clock().getAsLong())
        .into(producers, upTo);
  }

  private void scan(RecoveryScanner scanner, int firstIndex, int firstPosition)
      throws StorageException {
    for (int i = firstIndex; i < segments.size(); i++) {
      LogSegment segment = segments.get(i);
      int from = i == firstIndex ? firstPosition : 0;
      if (i > firstIndex) {
        if (isDetached(segment)) {
          cutAfter(i - 1, segment.baseOffset());
          return;
        }
        segment.dropIndexes(settings.indexBytes());
        segment.beginScan(0, segment.baseOffset());
        endOffset = Math.max(endOffset, segment.baseOffset());
      }
      int fileBytes = segment.sizeBytes();
      long next = i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : Long.MAX_VALUE;
      int good =
          segment.scan(
              scanner,
              from,
              (buffer, at, position) ->
                  RecordBatch.baseOffset(buffer, at) < next && take(segment, buffer, at, position));
      services.metrics().recoveredBytes().inc(good - from);
      if (good < fileBytes && endOffset == next) {
        cutAgain(segment, good, fileBytes);
      } else if (good < fileBytes) {
        reportCut(segment, segment.tailAt(scanner, good), good, fileBytes - good);
        segment.cutFileTo(good);
        segment.force();
        cutAfter(i, endOffset);
        return;
      }
    }
  }

  /**
   * A segment that goes on behind the beginning of the next one was cut there, and a crash has
   * brought back what was cut ({@link LogTruncator}). The next flush makes it durable.
   */
  private void cutAgain(LogSegment segment, int position, int fileBytes) throws StorageException {
    LOG.info(
        "Cutting again what a crash has brought back: partition={} segment={} bytes={} offset={}",
        id,
        segment.baseOffset(),
        fileBytes - position,
        endOffset);
    segment.cutFileTo(position);
  }

  /** A torn tail is what a crash leaves; anything else is a loss that somebody must hear of. */
  private void reportCut(LogSegment segment, CutTail tail, int position, int bytes)
      throws StorageException {
    if (tail == CutTail.OLD_FORMAT) {
      throw new CorruptFileException(
          "Records at position " + position + " are of a format older than v2",
          SegmentFiles.path(directory, segment.baseOffset(), SegmentFiles.LOG_SUFFIX),
          "copy the topic to a new one with the broker that wrote it");
    }
    if (tail == CutTail.DAMAGED || clean || endOffset < checkpointed.recoveryPoint()) {
      LOG.error(
          "Cutting a log at a damaged batch, what follows is lost here:"
              + " partition={} segment={} position={} bytes={} offset={} flushedTo={}",
          id,
          segment.baseOffset(),
          position,
          bytes,
          endOffset,
          checkpointed.recoveryPoint());
      return;
    }
    LOG.info(
        "Cut a torn tail: partition={} segment={} position={} bytes={} offset={}",
        id,
        segment.baseOffset(),
        position,
        bytes,
        endOffset);
  }

  /** Records between two segments are missing; compaction alone may leave such gaps. */
  private boolean isDetached(LogSegment segment) {
    return segment.baseOffset() < endOffset || (segment.baseOffset() > endOffset && !mayHaveGaps());
  }

  /** The topic's own settings may not be known yet; that it was compacted is remembered. */
  private boolean mayHaveGaps() {
    return settings.compactPolicy() || checkpointed.cleanedTo() >= 0;
  }

  private boolean take(LogSegment segment, ByteBuffer buffer, int at, int position)
      throws StorageException {
    long base = RecordBatch.baseOffset(buffer, at);
    if (base < endOffset
        || base - segment.baseOffset() > Integer.MAX_VALUE
        || !isCredible(segment, buffer, at, position)) {
      return false;
    }
    segment.noteBatch(buffer, at, position, settings.indexIntervalBytes());
    noteEpoch(buffer, at);
    if (RecordBatch.hasProducerId(buffer, at)) {
      producers.update(buffer, at, RecordBatch.largestTimestamp(buffer, at));
    }
    endOffset = RecordBatch.lastOffset(buffer, at) + 1;
    return true;
  }

  /**
   * No CRC covers the offset and the epoch of a batch. Epochs never go back within a log; and a gap
   * before a batch, which compaction may have left, is believed where the next one bears it out.
   * Where none follows that says anything, it is believed in a log that has gaps: the batch may
   * have been acknowledged.
   */
  private boolean isCredible(LogSegment segment, ByteBuffer buffer, int at, int position)
      throws StorageException {
    int epoch = RecordBatch.partitionLeaderEpoch(buffer, at);
    if (epoch >= 0 && epoch < epochs.latestEpoch().orElse(-1)) {
      return false;
    }
    if (RecordBatch.baseOffset(buffer, at) == endOffset) {
      return true;
    }
    long lastOffset = RecordBatch.lastOffset(buffer, at);
    long next = segment.offsetBehind(position + RecordBatch.sizeInBytes(buffer, at));
    int index = segments.indexOf(segment);
    if (next < 0 && index < segments.size() - 1) {
      next = segments.get(index + 1).baseOffset();
    }
    return next > endOffset ? lastOffset < next : mayHaveGaps();
  }

  private void noteEpoch(ByteBuffer buffer, int at) {
    int epoch = RecordBatch.partitionLeaderEpoch(buffer, at);
    if (epoch >= 0 && epoch > epochs.latestEpoch().orElse(-1)) {
      epochs.assign(epoch, RecordBatch.baseOffset(buffer, at));
    }
  }

  /**
   * A deletion of records moves the start of the log and of its epochs, which are written down each
   * at its own time: a kill in between brings the records back, and they name their epochs.
   */
  private void noteForgottenEpochs(long start) throws StorageException {
    List<EpochStart> known = epochs.entries();
    long knownFrom = known.isEmpty() ? endOffset : known.getFirst().startOffset();
    if (knownFrom <= start) {
      return;
    }
    List<EpochStart> earlier = new ArrayList<>();
    for (LogSegment segment : segments) {
      if (segment.baseOffset() >= knownFrom) {
        break;
      }
      segment.eachHeader(reader -> {
        int epoch = RecordBatch.partitionLeaderEpoch(reader.buffer(), reader.at());
        if (epoch > (earlier.isEmpty() ? -1 : earlier.getLast().epoch())) {
          earlier.add(new EpochStart(epoch, reader.baseOffset()));
        }
      });
    }
    epochs.extendBack(earlier);
  }

  /** Nothing after a cut can be kept: it would leave a hole in the log. */
  private void cutAfter(int index, long offset) throws StorageException {
    while (segments.size() > index + 1) {
      LogSegment lost = segments.removeLast();
      LOG.warn(
          "Dropping a segment behind a cut: partition={} segment={} bytes={} cut={}",
          id,
          lost.baseOffset(),
          lost.sizeBytes(),
          offset);
      List<Path> files = lost.remove();
      lost.close();
      new PacedDeletion(services.disk(), services.work()).start(0, files, lost::isInUse);
    }
    // Else the next crash might bring them back, behind what is written in their place.
    services.disk().syncDirectory(directory);
  }

  // Result -----------------------------------------------------------------------------------

  private Opened finish() throws StorageException {
    LogSegment active = segments.getLast();
    // What the scan has found good is sealed by the next flush: a start must not wait for the disk
    // to take up all that an earlier life has left in the page cache.
    active.times();
    long start = Math.max(checkpointed.logStartOffset(), segments.getFirst().baseOffset());
    if (start > endOffset) {
      LOG.warn("Log ends before its start: partition={} end={} start={}", id, endOffset, start);
      for (LogSegment segment : List.copyOf(segments)) {
        segment.remove();
        segment.close();
      }
      segments.clear();
      startEmpty(start);
      producers.clear();
      epochs.clear();
    }
    if (endOffset < checkpointed.highWatermark()) {
      LOG.error(
          "Committed records are missing: partition={} end={} committed={}",
          id,
          endOffset,
          checkpointed.highWatermark());
    }
    epochs.truncateFromEnd(endOffset);
    if (!clean) {
      noteForgottenEpochs(start);
    }
    epochs.truncateFromStart(start);
    snapshots.deleteAbove(endOffset);
    snapshots.prune(new Segments(segments));
    long recoveryPoint = clean ? endOffset : Math.min(checkpointed.recoveryPoint(), endOffset);
    LogOffsets offsets =
        new LogOffsets(
            start,
            Math.max(recoveryPoint, segments.getFirst().baseOffset()),
            Math.clamp(checkpointed.highWatermark(), start, endOffset),
            Math.min(checkpointed.cleanedTo(), endOffset));
    LogSegment last = segments.getLast();
    return new Opened(
        id,
        directory,
        epochs,
        producers,
        segments,
        new LogEnd(endOffset, last, last.sizeBytes()),
        offsets);
  }
}
