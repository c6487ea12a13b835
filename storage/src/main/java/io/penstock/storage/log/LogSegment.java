package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.index.TimeEntry;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One segment: a file of batches and the indexes beside it. The log's writer appends to the last
 * segment of a log; every method that reads may be called by any thread. The file is opened when it
 * is used and may be closed again when idle; who uses it holds a reference meanwhile.
 *
 * <p>Changes of form (seal, unseal, truncate, remove, close) exclude each other by this object's
 * monitor, which no append and no read takes.
 */
final class LogSegment {
  private final LogServices services;
  private final Path directory;
  private final long baseOffset;
  private final SegmentIndexes indexes;
  private final long openedMs;

  private volatile @Nullable SharedFile file;
  private volatile Path path;
  private volatile int size;
  private volatile SegmentTimes times = SegmentTimes.NONE;
  private volatile @Nullable BatchMap batchMap;
  private volatile boolean readSinceAsked;
  private volatile boolean sealed;
  private volatile boolean removed;
  private volatile boolean nameDurable;
  private volatile boolean timesKnown;
  private int bytesSinceIndexEntry;

  private LogSegment(
      LogServices services, Path directory, long baseOffset, SegmentIndexes indexes) {
    this.services = services;
    this.directory = directory;
    this.baseOffset = baseOffset;
    this.indexes = indexes;
    this.path = SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG_SUFFIX);
    this.openedMs = services.clock().getAsLong();
  }

  /** An empty segment, over a file that has this segment's name already. */
  static LogSegment created(
      LogServices services, Path directory, long baseOffset, DiskFile file, int indexBytes)
      throws StorageException {
    LogSegment segment = unopened(services, directory, baseOffset, indexBytes);
    segment.timesKnown = true;
    segment.startBatchMap(baseOffset);
    segment.adopt(file);
    return segment;
  }

  private static LogSegment unopened(
      LogServices services, Path directory, long baseOffset, int indexBytes)
      throws StorageException {
    return new LogSegment(
        services,
        directory,
        baseOffset,
        SegmentIndexes.active(services.disk(), directory, baseOffset, indexBytes));
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
    LogSegment segment = new LogSegment(services, directory, baseOffset, indexes);
    segment.size = size;
    segment.sealed = true;
    segment.nameDurable = true;
    return segment;
  }

  long baseOffset() {
    return baseOffset;
  }

  int sizeBytes() {
    return size;
  }

  boolean isRemoved() {
    return removed;
  }

  boolean isFull() {
    return indexes.isFull();
  }

  SegmentIndexes indexes() {
    return indexes;
  }

  // Files ------------------------------------------------------------------------------------

  /** The open file with a reference for the caller. */
  SharedFile acquire() throws StorageException {
    if (!readSinceAsked) {
      readSinceAsked = true;
    }
    SharedFile open = file;
    if (open != null && open.tryRetain()) {
      return open;
    }
    return openAndRetain();
  }

  private synchronized SharedFile openAndRetain() throws StorageException {
    SharedFile open = file;
    if (open == null) {
      open = adopt(services.disk().open(path, OpenMode.READ_WRITE));
    }
    if (!open.tryRetain()) {
      throw new IllegalStateException("Resident file without a reference: " + path);
    }
    return open;
  }

  private SharedFile adopt(DiskFile opened) {
    SharedFile shared = new SharedFile(opened, services.closer());
    file = shared;
    services.caches().files().admit(this);
    return shared;
  }

  boolean wasReadSinceAsked() {
    boolean was = readSinceAsked;
    readSinceAsked = false;
    return was;
  }

  synchronized void closeIdleFile() {
    SharedFile open = file;
    file = null;
    if (open != null) {
      open.release();
    }
  }

  /** Whether anybody but this segment holds the file that is open now. */
  boolean isInUse() {
    SharedFile open = file;
    return open != null && open.references() > 1;
  }

  // Appending --------------------------------------------------------------------------------

  /** Writes the sources at a position, which is the end of what was written before. */
  void write(ByteBuffer[] sources, int count, int position) throws StorageException {
    SharedFile open = acquire();
    try {
      open.file().write(sources, count, position);
    } finally {
      open.release();
    }
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
    addToBatchMap(lastOffset, position);
    size = position + batchBytes;
  }

  private void addToBatchMap(long lastOffset, int position) {
    BatchMap map = batchMap;
    if (map == null) {
      return;
    }
    if (map.isFull()
        && map.heapBytes() < BatchMap.ENTRIES_MAX * Long.BYTES
        && services.caches().batchMaps().tryTake(map.heapBytes())) {
      map.grow();
    }
    map.add(lastOffset, position);
  }

  /** Starts to remember where batches begin, from an offset on that is the end of the segment. */
  void startBatchMap(long coveredFrom) {
    services.caches().batchMaps().giveBack(this);
    batchMap = new BatchMap(baseOffset, coveredFrom);
  }

  /** Forgets the map; returns the bytes that were taken for it. */
  int dropBatchMap() {
    BatchMap map = batchMap;
    batchMap = null;
    return map == null ? 0 : map.heapBytes() - BatchMap.ENTRIES_MIN * Long.BYTES;
  }

  /** The room that is left behind the end is given back, and the end is as it is said to be. */
  void cutFileTo(int position) throws StorageException {
    SharedFile open = acquire();
    try {
      open.file().truncate(position);
    } finally {
      open.release();
    }
    size = position;
  }

  void allocate(long position, long length) throws StorageException {
    SharedFile open = acquire();
    try {
      open.file().allocate(position, length);
    } finally {
      open.release();
    }
  }

  // Finding ----------------------------------------------------------------------------------

  /**
   * The position of the first batch whose last offset is at least the one given, or {@code
   * readable} where all batches below that position end earlier.
   */
  int positionOf(long offset, int readable) throws StorageException {
    BatchMap map = batchMap;
    if (map != null) {
      int known = map.positionOf(offset);
      if (known != BatchMap.NOT_COVERED && known < readable) {
        return known;
      }
    }
    int from = indexes.positionAtOrBefore(offset);
    SharedFile open = acquire();
    try {
      HeaderReader reader = HeaderReader.over(open.file(), from < readable ? from : 0, readable);
      while (reader.load()) {
        if (reader.lastOffset() >= offset) {
          return (int) reader.position();
        }
        reader.next();
      }
      return readable;
    } finally {
      open.release();
    }
  }

  /** Where the batch ends that begins at a position and holds, or comes first after, the offset. */
  int endOfBatch(long offset, int position, int readable) throws StorageException {
    BatchMap map = batchMap;
    int known = map == null ? BatchMap.NOT_COVERED : map.endOf(offset);
    if (known != BatchMap.NOT_COVERED) {
      return Math.min(known, readable);
    }
    SharedFile open = acquire();
    try {
      HeaderReader reader = HeaderReader.over(open.file(), position, readable);
      return reader.load() ? position + reader.size() : readable;
    } finally {
      open.release();
    }
  }

  /** Whether {@link #positionOf} would answer without waiting for the disk. */
  boolean findsWithoutDisk(long offset, int readable) throws StorageException {
    BatchMap map = batchMap;
    if (map != null && map.positionOf(offset) != BatchMap.NOT_COVERED) {
      return true;
    }
    int from = Math.min(indexes.positionAtOrBefore(offset), readable);
    SharedFile open = acquire();
    try {
      return open.file().isResident(from, Math.min(HeaderReader.WINDOW_BYTES, readable - from));
    } finally {
      open.release();
    }
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

  // Forms ------------------------------------------------------------------------------------

  /** Makes what was written so far durable, and first the indexes that will be believed. */
  void force() throws StorageException {
    if (removed) {
      return;
    }
    if (!sealed) {
      indexes.force();
    }
    SharedFile open = acquire();
    try {
      open.file().force(false);
    } finally {
      open.release();
    }
    if (!nameDurable) {
      services.disk().syncDirectory(directory);
      nameDurable = true;
    }
  }

  /** Ends writing: trims file and indexes and makes them durable. Blocks. */
  synchronized void seal() throws StorageException {
    if (sealed || removed) {
      return;
    }
    cutFileTo(size);
    force();
    indexes.seal(times(), services.caches().indexes());
    sealed = true;
    if (batchMap != null) {
      services.caches().batchMaps().sealed(this);
    }
  }

  /** Cuts the segment behind a batch, and makes it one to write to. The writer calls. */
  synchronized void truncateTo(long offset, int indexBytes) throws StorageException {
    if (sealed) {
      indexes.unseal(indexBytes);
      sealed = false;
    }
    int position = positionOf(offset, size);
    indexes.truncateTo(offset);
    cutFileTo(position);
    times = SegmentTimes.NONE;
    timesKnown = false;
    loadTimes();
    bytesSinceIndexEntry = 0;
    startBatchMap(offset);
  }

  /** Renames the files so that no restart sees them; open readers go on. */
  synchronized List<Path> remove() throws StorageException {
    removed = true;
    services.caches().batchMaps().giveBack(this);
    List<Path> renamed = new ArrayList<>();
    for (String suffix : SegmentFiles.OF_A_SEGMENT) {
      Path from = SegmentFiles.path(directory, baseOffset, suffix);
      if (services.disk().exists(from)) {
        Path to = SegmentFiles.deleted(from);
        services.disk().rename(from, to);
        renamed.add(to);
      }
    }
    path = SegmentFiles.deleted(path);
    return renamed;
  }

  /** Lets go of everything; slices that are out keep their file. */
  synchronized void close() throws StorageException {
    services.caches().files().forget(this);
    services.caches().batchMaps().giveBack(this);
    closeIdleFile();
    indexes.close();
  }
}
