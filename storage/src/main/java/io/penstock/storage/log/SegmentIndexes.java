package io.penstock.storage.log;

import io.penstock.storage.index.AbortedTransaction;
import io.penstock.storage.index.IndexCache;
import io.penstock.storage.index.OffsetIndex;
import io.penstock.storage.index.OffsetPosition;
import io.penstock.storage.index.TimeEntry;
import io.penstock.storage.index.TimeIndex;
import io.penstock.storage.index.TransactionIndex;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;

/**
 * The three indexes beside one segment. They only say where to start looking, so an entry that a
 * full disk has no room for is left out.
 */
final class SegmentIndexes {
  private final Disk disk;
  private final Path directory;
  private final long baseOffset;
  private final TransactionIndex transactions;
  private volatile OffsetIndex offsets;
  private volatile TimeIndex times;

  private SegmentIndexes(
      Disk disk,
      Path directory,
      long baseOffset,
      String mark,
      OffsetIndex offsets,
      TimeIndex times) {
    this.disk = disk;
    this.directory = directory;
    this.baseOffset = baseOffset;
    this.offsets = offsets;
    this.times = times;
    Path path = SegmentFiles.path(directory, baseOffset, SegmentFiles.TRANSACTION_INDEX_SUFFIX);
    this.transactions = new TransactionIndex(disk, SegmentFiles.marked(path, mark), baseOffset);
  }

  static SegmentIndexes active(Disk disk, Path directory, long baseOffset, int bytesMax)
      throws StorageException {
    return new SegmentIndexes(
        disk,
        directory,
        baseOffset,
        "",
        OffsetIndex.openActive(disk, offsetsPath(directory, baseOffset), baseOffset, bytesMax),
        TimeIndex.openActive(disk, timesPath(directory, baseOffset), baseOffset, bytesMax));
  }

  /** New ones of a segment that a cleaning writes; what an earlier one has left goes. */
  static SegmentIndexes cleaned(Disk disk, Path directory, long baseOffset, int bytesMax)
      throws StorageException {
    Path offsets =
        SegmentFiles.marked(offsetsPath(directory, baseOffset), SegmentFiles.CLEANED_SUFFIX);
    Path times = SegmentFiles.marked(timesPath(directory, baseOffset), SegmentFiles.CLEANED_SUFFIX);
    disk.delete(offsets);
    disk.delete(times);
    SegmentIndexes indexes =
        new SegmentIndexes(
            disk,
            directory,
            baseOffset,
            SegmentFiles.CLEANED_SUFFIX,
            OffsetIndex.openActive(disk, offsets, baseOffset, bytesMax),
            TimeIndex.openActive(disk, times, baseOffset, bytesMax));
    indexes.transactions.clear();
    return indexes;
  }

  static SegmentIndexes sealed(Disk disk, Path directory, long baseOffset, IndexCache cache)
      throws StorageException {
    return new SegmentIndexes(
        disk,
        directory,
        baseOffset,
        "",
        OffsetIndex.openSealed(disk, offsetsPath(directory, baseOffset), baseOffset, cache),
        TimeIndex.openSealed(disk, timesPath(directory, baseOffset), baseOffset, cache));
  }

  static void delete(Disk disk, Path directory, long baseOffset) throws StorageException {
    disk.delete(offsetsPath(directory, baseOffset));
    disk.delete(timesPath(directory, baseOffset));
    disk.delete(SegmentFiles.path(directory, baseOffset, SegmentFiles.TRANSACTION_INDEX_SUFFIX));
  }

  static Path offsetsPath(Path directory, long baseOffset) {
    return SegmentFiles.path(directory, baseOffset, SegmentFiles.INDEX_SUFFIX);
  }

  static Path timesPath(Path directory, long baseOffset) {
    return SegmentFiles.path(directory, baseOffset, SegmentFiles.TIME_INDEX_SUFFIX);
  }

  /** Whether there is anything in the indexes, hence files, which are made for the first entry. */
  boolean haveFiles() {
    return offsets.entries() > 0;
  }

  boolean isFull() {
    return offsets.isFull() || times.isFull();
  }

  /** The position of a batch that is not behind the one that holds the offset. */
  int positionAtOrBefore(long offset) throws StorageException {
    return offsets.lookup(offset).position();
  }

  /** The same, or -1 where the index would have to be read from the disk. */
  int positionInMemory(long offset) throws StorageException {
    return offsets.lookupInMemory(offset).map(OffsetPosition::position).orElse(-1);
  }

  /** The last entry not above a timestamp: everything up to its offset is at most that old. */
  TimeEntry timeAtOrBefore(long timestampMs) throws StorageException {
    return times.lookup(timestampMs);
  }

  TimeEntry lastTime() throws StorageException {
    return times.last();
  }

  OffsetPosition lastOffset() throws StorageException {
    return offsets.last();
  }

  /** Notes a batch, and the largest timestamp up to and with it. False when there is no room. */
  boolean append(long lastOffset, int position, SegmentTimes seen) throws StorageException {
    try {
      offsets.append(lastOffset, position);
      appendTime(seen);
      return true;
    } catch (DiskFullException full) {
      return false;
    }
  }

  private void appendTime(SegmentTimes seen) throws StorageException {
    if (seen.largestMs() >= 0) {
      times.append(seen.largestMs(), seen.offsetOfLargest());
    }
  }

  void appendAborted(AbortedTransaction aborted) throws StorageException {
    transactions.append(aborted);
  }

  TransactionIndex transactions() {
    return transactions;
  }

  void truncateTo(long offset) throws StorageException {
    offsets.truncateTo(offset);
    times.truncateTo(offset);
    transactions.truncateTo(offset);
  }

  /** Starts over with new files, whatever a crash has left in the old ones. */
  void startOver(int bytesMax) throws StorageException {
    offsets.delete();
    times.delete();
    transactions.delete();
    openActive(bytesMax);
  }

  /** Whether the entries are in order and speak of what lies below an offset and a position. */
  boolean areSoundBelow(long offset, int position) throws StorageException {
    try {
      offsets.sanityCheck();
      times.sanityCheck();
      transactions.sanityCheck();
    } catch (CorruptFileException damaged) {
      return false;
    }
    OffsetPosition last = offsets.last();
    boolean empty = last.position() == 0;
    return (empty || (last.offset() < offset && last.position() < position))
        && times.last().offset() < Math.max(offset, baseOffset + 1);
  }

  void force() throws StorageException {
    offsets.force();
    times.force();
    transactions.force();
  }

  void seal(SegmentTimes seen, IndexCache cache) throws StorageException {
    try {
      appendTime(seen);
    } catch (DiskFullException full) {
      // Look-ups by time start earlier without this entry, and still end right.
    }
    offsets.seal(cache);
    times.seal(cache);
  }

  /** Makes sealed indexes writable again, for a truncation that makes their segment the last. */
  void unseal(int bytesMax) throws StorageException {
    offsets.close();
    times.close();
    openActive(bytesMax);
  }

  private void openActive(int bytesMax) throws StorageException {
    offsets =
        OffsetIndex.openActive(disk, offsetsPath(directory, baseOffset), baseOffset, bytesMax);
    times = TimeIndex.openActive(disk, timesPath(directory, baseOffset), baseOffset, bytesMax);
  }

  /** Gives the files the names of a segment's, with a mark behind them. */
  void moveTo(String mark) throws StorageException {
    Path transactionsPath =
        SegmentFiles.path(directory, baseOffset, SegmentFiles.TRANSACTION_INDEX_SUFFIX);
    transactions.moveTo(SegmentFiles.marked(transactionsPath, mark));
    offsets.moveTo(SegmentFiles.marked(offsetsPath(directory, baseOffset), mark));
    times.moveTo(SegmentFiles.marked(timesPath(directory, baseOffset), mark));
  }

  /** Gives the file of this suffix another name. */
  void moveTo(String suffix, Path path) throws StorageException {
    switch (suffix) {
      case SegmentFiles.INDEX_SUFFIX -> offsets.moveTo(path);
      case SegmentFiles.TIME_INDEX_SUFFIX -> times.moveTo(path);
      default -> transactions.moveTo(path);
    }
  }

  void close() throws StorageException {
    offsets.close();
    times.close();
  }
}
