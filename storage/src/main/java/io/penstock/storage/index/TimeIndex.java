package io.penstock.storage.index;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Kafka's {@code .timeindex}: entries of timestamp (int64) and relative offset (int32). An entry
 * says that no record up to that offset has a larger timestamp. Threads and life cycle as in {@link
 * OffsetIndex}.
 */
public final class TimeIndex implements AutoCloseable {
  public static final String SUFFIX = ".timeindex";
  static final int ENTRY_BYTES = 12;

  /** What an empty index answers. */
  private static final long NO_TIMESTAMP = -1;

  private final IndexFile file;
  private final long baseOffset;

  private TimeIndex(IndexFile file, long baseOffset) {
    this.file = file;
    this.baseOffset = baseOffset;
  }

  /** An index to append to; see {@link OffsetIndex#openActive}. */
  public static TimeIndex openActive(Disk disk, Path path, long baseOffset, int bytesMax)
      throws StorageException {
    return new TimeIndex(IndexFile.active(disk, path, ENTRY_BYTES, bytesMax), baseOffset);
  }

  /** An index that will not change any more; its file must exist. */
  public static TimeIndex openSealed(Disk disk, Path path, long baseOffset, IndexCache cache)
      throws StorageException {
    return new TimeIndex(IndexFile.sealed(disk, path, ENTRY_BYTES, cache), baseOffset);
  }

  public int entries() {
    return file.count();
  }

  /** Whether only the slot is left that is kept for the segment's last entry. */
  public boolean isFull() {
    return file.count() >= file.capacity() - 1;
  }

  /** The last entry whose timestamp is not above the target, or (-1, base offset). */
  public TimeEntry lookup(long targetTimestampMs) throws StorageException {
    return file.query(entries ->
        entryOrStart(entries, IndexFile.floor(entries, targetTimestampMs, TimeIndex::key)));
  }

  /** The last entry, or (-1, base offset). */
  public TimeEntry last() throws StorageException {
    return file.query(entries -> entryOrStart(entries, entries.count() - 1));
  }

  /**
   * Notes the largest timestamp so far and the offset of its batch. Does nothing, and returns
   * false, unless the timestamp is above the last one.
   */
  public boolean append(long timestampMs, long offset) throws StorageException {
    long relative = offset - baseOffset;
    if (relative < 0 || relative > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "offset " + offset + " does not fit into the index of " + baseOffset);
    }
    int known = file.count();
    TimeEntry last = last();
    if (timestampMs <= last.timestampMs()) {
      return false;
    }
    if (known > 0 && offset < last.offset()) {
      throw new IllegalArgumentException("offset " + offset + " is below the last one");
    }
    MappedEntries entries = file.mapped();
    if (known >= entries.capacity()) {
      throw new IllegalStateException("index is full: " + file.path());
    }
    entries.reserve();
    entries.putLong(known * ENTRY_BYTES, timestampMs);
    entries.putInt(known * ENTRY_BYTES + Long.BYTES, (int) relative);
    entries.publish(known + 1);
    return true;
  }

  /** Removes the entries at and behind an offset. Active indexes only. */
  public void truncateTo(long offset) throws StorageException {
    long relative = offset - baseOffset;
    int keep = file.query(entries -> IndexFile.floor(entries, relative - 1, TimeIndex::offset)) + 1;
    file.truncateToEntries(keep);
  }

  /** Finds what a crash or a foreign writer may have left: entries out of order or range. */
  public void sanityCheck() throws StorageException {
    ByteBuffer entries = file.copy();
    long keyBefore = -1;
    int offsetBefore = 0;
    while (entries.remaining() >= ENTRY_BYTES) {
      long key = entries.getLong();
      int offset = entries.getInt();
      if (key <= keyBefore || offset < offsetBefore) {
        throw file.corrupt("time index is out of order before byte " + entries.position());
      }
      keyBefore = key;
      offsetBefore = offset;
    }
  }

  public void force() throws StorageException {
    file.force();
  }

  /** Ends writing: unmaps, trims and forces the file. Blocks; not on the append path. */
  public void seal(IndexCache cache) throws StorageException {
    file.seal(cache);
  }

  /** Gives the file another name. */
  public void moveTo(Path path) throws StorageException {
    file.moveTo(path);
  }

  @Override
  public void close() throws StorageException {
    file.close();
  }

  public void delete() throws StorageException {
    file.delete();
  }

  private TimeEntry entryOrStart(Entries entries, int entry) throws StorageException {
    return entry < 0
        ? new TimeEntry(NO_TIMESTAMP, baseOffset)
        : new TimeEntry(key(entries, entry), baseOffset + offset(entries, entry));
  }

  private static long key(Entries entries, int entry) throws StorageException {
    return entries.longAt(entry * ENTRY_BYTES);
  }

  private static long offset(Entries entries, int entry) throws StorageException {
    return entries.intAt(entry * ENTRY_BYTES + Long.BYTES);
  }
}
