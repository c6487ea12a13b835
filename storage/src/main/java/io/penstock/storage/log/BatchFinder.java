package io.penstock.storage.log;

import io.penstock.storage.io.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the batches of one segment begin: by its map in memory, which covers the latest ones,
 * or else from the place that the offset index names, header by header. The segment's writer keeps
 * the map; every method that finds may be called by any thread.
 */
final class BatchFinder {
  private final BatchMapBudget budget;
  private final long baseOffset;
  private final SegmentIndexes indexes;
  private final SegmentFile file;
  private volatile @Nullable BatchMap map;

  BatchFinder(BatchMapBudget budget, long baseOffset, SegmentIndexes indexes, SegmentFile file) {
    this.budget = budget;
    this.baseOffset = baseOffset;
    this.indexes = indexes;
    this.file = file;
  }

  // The map ----------------------------------------------------------------------------------

  /** Starts to remember where batches begin, from an offset on that is the end of the segment. */
  void startMap(long coveredFrom) {
    budget.giveBack(this);
    map = new BatchMap(baseOffset, coveredFrom);
  }

  /** Adds the batch that was written next, if there is a map. */
  void add(long lastOffset, int position) {
    BatchMap current = map;
    if (current == null) {
      return;
    }
    if (current.isFull()
        && current.heapBytes() < BatchMap.ENTRIES_MAX * Long.BYTES
        && budget.tryTake(current.heapBytes())) {
      current.grow();
    }
    current.add(lastOffset, position);
  }

  /** The segment was sealed: its map stays while there is room for it. */
  void sealed() {
    if (map != null) {
      budget.sealed(this);
    }
  }

  /** The segment goes, and its map with it. */
  void giveMapBack() {
    budget.giveBack(this);
  }

  /** Forgets the map, when the budget says so; returns the bytes that were taken for it. */
  int dropMap() {
    BatchMap dropped = map;
    map = null;
    return dropped == null ? 0 : dropped.heapBytes() - BatchMap.ENTRIES_MIN * Long.BYTES;
  }

  // Finding ----------------------------------------------------------------------------------

  /**
   * The position of the first batch whose last offset is at least the one given, or {@code
   * readable} where all batches below that position end earlier.
   */
  int positionOf(long offset, int readable) throws StorageException {
    BatchMap current = map;
    if (current != null) {
      int known = current.positionOf(offset);
      if (known != BatchMap.NOT_COVERED && known < readable) {
        return known;
      }
    }
    int from = indexes.positionAtOrBefore(offset);
    return file.use(open -> {
      HeaderReader reader = HeaderReader.over(open, from < readable ? from : 0, readable);
      while (reader.load()) {
        if (reader.lastOffset() >= offset) {
          return (int) reader.position();
        }
        reader.next();
      }
      return readable;
    });
  }

  /** Where the batch ends that begins at a position and holds, or comes first after, the offset. */
  int endOfBatch(long offset, int position, int readable) throws StorageException {
    BatchMap current = map;
    int known = current == null ? BatchMap.NOT_COVERED : current.endOf(offset);
    if (known != BatchMap.NOT_COVERED) {
      return Math.min(known, readable);
    }
    return file.use(open -> {
      HeaderReader reader = HeaderReader.over(open, position, readable);
      return reader.load() ? position + reader.size() : readable;
    });
  }

  /** Whether {@link #positionOf} would answer without waiting for the disk. */
  boolean findsWithoutDisk(long offset, int readable) throws StorageException {
    BatchMap current = map;
    if (current != null && current.positionOf(offset) != BatchMap.NOT_COVERED) {
      return true;
    }
    int from = Math.min(indexes.positionInMemory(offset), readable);
    return from >= 0
        && file.use(
            open -> open.isResident(from, Math.min(HeaderReader.WINDOW_BYTES, readable - from)));
  }
}
