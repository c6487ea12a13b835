package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.index.TimeEntry;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One segment: a file of batches and the indexes beside it. The log's writer appends to the last
 * segment of a log; every method that reads may be called by any thread. The file is opened when it
 * is used and may be closed again when idle; who uses it holds a reference meanwhile.
 *
 * <p>Changes of form (seal, unseal, truncate, remove, close) exclude each other by a lock that no
 * append and no read takes.
 */
final class LogSegment {
  private final LogServices services;
  private final Path directory;
  private final long baseOffset;
  private final SegmentIndexes indexes;
  private final long openedMs;

  /** Held over changes of form, which may wait for the disk; taken before this object's monitor. */
  private final Object formLock = new Object();

  private final SegmentFile file;
  private final SegmentNames names;
  private final BatchFinder batches;
  private volatile int size;
  private volatile SegmentTimes times = SegmentTimes.NONE;
  private volatile boolean sealed;
  private volatile boolean removed;
  private volatile boolean nameDurable;
  private volatile boolean indexNamesDurable;
  private volatile boolean timesKnown;
  private int bytesSinceIndexEntry;

  private LogSegment(
      LogServices services, Path directory, long baseOffset, SegmentIndexes indexes, String mark) {
    this.services = services;
    this.directory = directory;
    this.baseOffset = baseOffset;
    this.indexes = indexes;
    this.file = new SegmentFile(services, SegmentFiles.marked(logPath(), mark));
    this.names = new SegmentNames(services.disk(), directory, baseOffset, file, indexes);
    this.batches = new BatchFinder(services.caches().batchMaps(), baseOffset, indexes, file);
    this.openedMs = services.clock().getAsLong();
  }

  /** An empty segment, over a file that has this segment's name already. */
  static LogSegment created(
      LogServices services, Path directory, long baseOffset, DiskFile file, int indexBytes)
      throws StorageException {
    // What a deleted segment of this name may have left.
    SegmentIndexes.delete(services.disk(), directory, baseOffset);
    LogSegment segment = unopened(services, directory, baseOffset, indexBytes);
    segment.timesKnown = true;
    segment.batches.startMap(baseOffset);
    segment.file.adopt(file);
    return segment;
  }

  /** An empty segment, with a new file. */
  static LogSegment create(LogServices services, Path directory, long baseOffset, int indexBytes)
      throws StorageException {
    Path path = SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG_SUFFIX);
    return created(
        services, directory, baseOffset, services.disk().open(path, OpenMode.CREATE), indexBytes);
  }

  private static LogSegment unopened(
      LogServices services, Path directory, long baseOffset, int indexBytes)
      throws StorageException {
    return new LogSegment(
        services,
        directory,
        baseOffset,
        SegmentIndexes.active(services.disk(), directory, baseOffset, indexBytes),
        "");
  }

  /**
   * An empty segment that a cleaning writes, under names that no restart takes for a segment; at
   * the most one at a time of its base offset.
   */
  static LogSegment cleaned(LogServices services, Path directory, long baseOffset, int indexBytes)
      throws StorageException {
    SegmentIndexes indexes =
        SegmentIndexes.cleaned(services.disk(), directory, baseOffset, indexBytes);
    LogSegment segment =
        new LogSegment(services, directory, baseOffset, indexes, SegmentFiles.CLEANED_SUFFIX);
    segment.timesKnown = true;
    Path path = SegmentFiles.marked(segment.logPath(), SegmentFiles.CLEANED_SUFFIX);
    services.disk().delete(path);
    segment.file.adopt(services.disk().open(path, OpenMode.CREATE));
    return segment;
  }

  /** A segment of an existing log that may be written to. */
  static LogSegment active(
      LogServices services, Path directory, long baseOffset, int size, int indexBytes)
      throws StorageException {
    LogSegment segment = unopened(services, directory, baseOffset, indexBytes);
    segment.size = size;
    segment.nameDurable = true;
    return segment;
  }

  /** A segment of an existing log that is complete. */
  static LogSegment sealed(LogServices services, Path directory, long baseOffset, int size)
      throws StorageException {
    SegmentIndexes indexes =
        SegmentIndexes.sealed(services.disk(), directory, baseOffset, services.caches().indexes());
    LogSegment segment = new LogSegment(services, directory, baseOffset, indexes, "");
    segment.size = size;
    segment.sealed = true;
    segment.nameDurable = true;
    return segment;
  }

  Path logPath() {
    return SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG_SUFFIX);
  }

  long baseOffset() {
    return baseOffset;
  }

  /** When this process made or met it. */
  long openedMs() {
    return openedMs;
  }

  int sizeBytes() {
    return size;
  }

  boolean isSealed() {
    return sealed;
  }

  boolean isFull() {
    return indexes.isFull();
  }

  SegmentIndexes indexes() {
    return indexes;
  }

  /** Where its batches begin. */
  BatchFinder batches() {
    return batches;
  }

  /** The open file with a reference for the caller. */
  SharedFile acquire() throws StorageException {
    return file.acquire();
  }

  /** Whether slices of it are out. */
  boolean isInUse() {
    return file.isInUse();
  }

  // Appending --------------------------------------------------------------------------------

  /** Writes the sources at a position, which is the end of what was written before. */
  void write(ByteBuffer[] sources, int count, int position) throws StorageException {
    file.run(open -> open.write(sources, count, position));
  }

  /** Notes a batch that was written. The caller publishes the end of the log afterwards. */
  void noteBatch(ByteBuffer header, int at, int position, int indexIntervalBytes)
      throws StorageException {
    long lastOffset = RecordBatch.lastOffset(header, at);
    int batchBytes = RecordBatch.sizeInBytes(header, at);
    SegmentTimes seen = times.with(RecordBatch.largestTimestamp(header, at), lastOffset);
    times = seen;
    if (bytesSinceIndexEntry > indexIntervalBytes
        && !indexes.isFull()
        && indexes.append(lastOffset, position, seen)) {
      bytesSinceIndexEntry = 0;
    }
    bytesSinceIndexEntry += batchBytes;
    batches.add(lastOffset, position);
    size = position + batchBytes;
  }

  /** The first offset of the batch that begins at a position. */
  long baseOffsetAt(int position) throws StorageException {
    int readable = size;
    return file.use(open -> {
      HeaderReader reader = HeaderReader.over(open, position, readable);
      if (!reader.load()) {
        throw new IllegalStateException("no batch at " + position + " of " + open.path());
      }
      return reader.baseOffset();
    });
  }

  /** The first offset of the batch at a position of a file that is being scanned, or -1. */
  long offsetBehind(int position) throws StorageException {
    return file.use(open -> {
      HeaderReader reader = HeaderReader.over(open, position, open.size());
      return reader.loadIfWhole() ? reader.baseOffset() : -1;
    });
  }

  /** The room that is left behind the end is given back, and the end is as it is said to be. */
  void cutFileTo(int position) throws StorageException {
    file.run(open -> open.truncate(position));
    size = position;
  }

  void allocate(long position, long length) throws StorageException {
    file.run(open -> open.allocate(position, length));
  }

  // Times ------------------------------------------------------------------------------------

  SegmentTimes times() throws StorageException {
    if (!timesKnown) {
      loadTimes();
    }
    return times;
  }

  /** When the first batch was made or, without timestamps, when this process met the segment. */
  long rollBaseMs() throws StorageException {
    long first = times().firstMs();
    return first >= 0 ? first : openedMs;
  }

  long largestTimestampOrOpenedMs() throws StorageException {
    long largest = times().largestMs();
    return largest >= 0 ? largest : openedMs;
  }

  /** Once for a segment that existed before this process: its end is not in memory. */
  private synchronized void loadTimes() throws StorageException {
    if (timesKnown) {
      return;
    }
    int readable = size;
    TimeEntry last = indexes.lastTime();
    SegmentTimes seen = SegmentTimes.NONE;
    SharedFile open = acquire();
    try {
      HeaderReader first = HeaderReader.over(open.file(), 0, readable);
      if (first.load()) {
        seen = seen.with(first.maxTimestampMs(), first.lastOffset());
      }
      seen = seen.with(last.timestampMs(), last.offset());
      int from = indexes.lastOffset().position();
      HeaderReader rest = HeaderReader.over(open.file(), from, readable);
      while (rest.load()) {
        seen = seen.with(rest.maxTimestampMs(), rest.lastOffset());
        rest.next();
      }
    } finally {
      open.release();
    }
    times = seen;
    timesKnown = true;
  }

  // Recovery: one thread, before anybody else knows the segment --------------------------------

  /** Hears of batch headers. */
  interface Headers {
    void header(HeaderReader reader) throws StorageException;
  }

  /**
   * Keeps only the index entries of batches below an offset; false when they were damaged and are
   * all gone.
   */
  boolean keepIndexesBefore(long offset, int indexBytes) throws StorageException {
    if (offset != Long.MAX_VALUE) {
      indexes.truncateTo(offset);
    }
    if (indexes.areSoundBelow(offset, size)) {
      return true;
    }
    indexes.startOver(indexBytes);
    return false;
  }

  void dropIndexes(int indexBytes) throws StorageException {
    indexes.startOver(indexBytes);
  }

  /** Up to where batch headers follow one another, from the last index entry on. */
  HeaderEnd wellFormedEnd() throws StorageException {
    return walk(indexes.lastOffset().position(), Long.MAX_VALUE);
  }

  /** The end of the batches that lie wholly below an offset. */
  HeaderEnd batchesBelow(long offset) throws StorageException {
    return walk(indexes.positionAtOrBefore(Math.max(offset - 1, baseOffset)), offset);
  }

  private HeaderEnd walk(int from, long belowOffset) throws StorageException {
    return file.use(open -> HeaderEnd.walk(open, baseOffset, from, size, belowOffset));
  }

  /** Before {@link #scan}: what is before the position is known already. */
  void beginScan(int position, long endOffset) throws StorageException {
    int fileBytes = size;
    size = position;
    timesKnown = false;
    loadTimes();
    size = fileBytes;
    batches.startMap(endOffset);
  }

  int scan(RecoveryScanner scanner, int from, RecoveryScanner.Batches batches)
      throws StorageException {
    int fileBytes = size;
    int good = file.use(open -> scanner.scan(open, from, fileBytes, batches));
    size = fileBytes;
    return good;
  }

  /** What lies where the scan of this segment stopped. */
  CutTail tailAt(RecoveryScanner scanner, int position) throws StorageException {
    return file.use(open -> CutTail.of(scanner, open, position, size));
  }

  void eachHeader(Headers headers) throws StorageException {
    int end = size;
    file.run(open -> {
      HeaderReader reader = HeaderReader.over(open, 0, end);
      while (reader.loadIfWhole()) {
        headers.header(reader);
        reader.next();
      }
    });
  }

  /** For a segment whose batches are believed but whose indexes are lost. */
  void rebuildIndexes(int below, int intervalBytes) throws StorageException {
    int fileBytes = size;
    timesKnown = true;
    size = below;
    eachHeader(
        reader -> noteBatch(reader.buffer(), reader.at(), (int) reader.position(), intervalBytes));
    size = fileBytes;
  }

  // Forms ------------------------------------------------------------------------------------

  /** Makes what was written so far durable, and first the indexes that will be believed. */
  void force() throws StorageException {
    synchronized (formLock) {
      if (!removed) {
        forceLocked();
      }
    }
  }

  /** Makes the batches that were written so far durable; recovery has to find them itself. */
  void forceBatches() throws StorageException {
    synchronized (formLock) {
      if (sealed || removed) {
        return;
      }
      file.force();
      makeNameDurable();
    }
  }

  /**
   * Makes sure that a power loss cannot take the file's name. Has to be done for the first segment
   * of a log before there is a second one: if only that were found afterwards, the log would seem
   * to begin there, as after a deletion of old segments.
   */
  void makeNameDurable() throws StorageException {
    if (!nameDurable) {
      services.disk().syncDirectory(directory);
      nameDurable = true;
    }
  }

  private void forceLocked() throws StorageException {
    boolean indexed = indexes.haveFiles();
    if (!sealed) {
      indexes.force();
    }
    file.force();
    if (!nameDurable || indexed != indexNamesDurable) {
      services.disk().syncDirectory(directory);
      nameDurable = true;
      indexNamesDurable = indexed;
    }
  }

  /** Ends writing: trims file and indexes and makes them durable. Blocks. */
  void seal() throws StorageException {
    sealUnless(() -> false);
  }

  /** Seals unless the segment is, once nobody changes its form, found to be written to. */
  void sealUnless(BooleanSupplier isActive) throws StorageException {
    synchronized (formLock) {
      if (sealed || removed || isActive.getAsBoolean()) {
        return;
      }
      cutFileTo(size);
      forceLocked();
      indexes.seal(times(), services.caches().indexes());
      sealed = true;
      batches.sealed();
    }
  }

  /** Cuts the segment before a batch, and makes it one to write to. The writer calls. */
  void truncateTo(long offset, int position, int indexBytes) throws StorageException {
    synchronized (formLock) {
      if (sealed) {
        indexes.unseal(indexBytes);
        sealed = false;
      }
      cutTo(offset, position);
    }
  }

  /** Removes what a failed append may have left behind the end. The writer calls. */
  void repairTo(long offset, int position) throws StorageException {
    synchronized (formLock) {
      cutTo(offset, position);
    }
  }

  private void cutTo(long offset, int position) throws StorageException {
    indexes.truncateTo(offset);
    cutFileTo(position);
    timesKnown = false;
    loadTimes();
    bytesSinceIndexEntry = 0;
    batches.startMap(offset);
  }

  /** Makes a sealed segment that a cleaning wrote one that a restart puts in place. */
  void markAsSwap() throws StorageException {
    synchronized (formLock) {
      names.markAsSwap();
    }
  }

  /** Takes the names of the segment that it replaces, which has other ones by now. */
  void takePlace() throws StorageException {
    synchronized (formLock) {
      names.takePlace();
    }
  }

  /** Gives up what a cleaning wrote; its files are gone. */
  void discardCleaned() throws StorageException {
    close();
    names.deleteCleaned();
  }

  /** Renames the files so that no restart sees them; open readers go on. */
  List<Path> remove() throws StorageException {
    synchronized (formLock) {
      removed = true;
      file.retire();
      batches.giveMapBack();
      return names.markAsDeleted();
    }
  }

  /** Lets go of everything; slices that are out keep their file. */
  void close() throws StorageException {
    synchronized (formLock) {
      batches.giveMapBack();
      file.close();
      indexes.close();
    }
  }

  /** Trims the room that was reserved behind the end. */
  void trim() throws StorageException {
    synchronized (formLock) {
      if (!sealed && !removed) {
        cutFileTo(size);
      }
    }
  }
}
