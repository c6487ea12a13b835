package io.penstock.storage.index;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Kafka's {@code .index}: entries of relative offset (int32) and position (int32), both growing.
 * One writer, any number of readers without a lock, through active, sealed and closed (see {@link
 * IndexFile}). A reader that races with {@link #truncateTo} may see an entry that has been cut: a
 * caller checks the offset of the batch that it finds there.
 */
public final class OffsetIndex implements AutoCloseable {
  public static final String SUFFIX = ".index";
  static final int ENTRY_BYTES = 8;

  private final IndexFile file;
  private final long baseOffset;

  private OffsetIndex(IndexFile file, long baseOffset) {
    this.file = file;
    this.baseOffset = baseOffset;
  }

  /**
   * An index to append to. Entries of an existing file are kept; a file is not created before the
   * first append.
   */
  public static OffsetIndex openActive(Disk disk, Path path, long baseOffset, int bytesMax)
      throws StorageException {
    return new OffsetIndex(IndexFile.active(disk, path, ENTRY_BYTES, bytesMax), baseOffset);
  }

  /** An index that will not change any more; its file must exist. */
  public static OffsetIndex openSealed(Disk disk, Path path, long baseOffset, IndexCache cache)
      throws StorageException {
    return new OffsetIndex(IndexFile.sealed(disk, path, ENTRY_BYTES, cache), baseOffset);
  }

  public int entries() {
    return file.count();
  }

  /** Whether the next append would not fit; the segment is then due to roll. */
  public boolean isFull() {
    return file.count() >= file.capacity();
  }

  /** The last entry that is not above the offset, or the start of the segment. */
  public OffsetPosition lookup(long targetOffset) throws StorageException {
    long relative = targetOffset - baseOffset;
    return file.query(
        entries -> entryOrStart(entries, IndexFile.floor(entries, relative, OffsetIndex::key)));
  }

  /** As {@link #lookup}, but empty where the index would have to be read from the disk. */
  public Optional<OffsetPosition> lookupInMemory(long targetOffset) throws StorageException {
    long relative = targetOffset - baseOffset;
    return file.queryInMemory(
        entries -> entryOrStart(entries, IndexFile.floor(entries, relative, OffsetIndex::key)));
  }

  /**
   * The first entry whose position is at or behind the given one: an offset that is certainly not
   * in the bytes before it. Empty where the rest of the segment is meant.
   */
  public Optional<OffsetPosition> firstAtOrBehind(int position) throws StorageException {
    return file.query(entries -> {
      int before = IndexFile.floor(entries, (long) position - 1, OffsetIndex::position);
      return before + 1 < entries.count()
          ? Optional.of(entryOrStart(entries, before + 1))
          : Optional.empty();
    });
  }

  /** The last entry, or the start of the segment. */
  public OffsetPosition last() throws StorageException {
    return file.query(entries -> entryOrStart(entries, entries.count() - 1));
  }

  /** Notes where the batch with this offset lies; offsets must grow. */
  public void append(long offset, int position) throws StorageException {
    long relative = offset - baseOffset;
    if (relative < 0 || relative > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "offset " + offset + " does not fit into the index of " + baseOffset);
    }
    MappedEntries entries = file.mapped();
    int count = entries.count();
    if (count >= entries.capacity()) {
      throw new IllegalStateException("index is full: " + file.path());
    }
    if (count > 0 && key(entries, count - 1) >= relative) {
      throw new IllegalArgumentException("offset " + offset + " is not above the last one");
    }
    entries.reserve();
    entries.putInt(count * ENTRY_BYTES, (int) relative);
    entries.putInt(count * ENTRY_BYTES + Integer.BYTES, position);
    entries.publish(count + 1);
  }

  /** Removes the entries at and behind an offset. Active indexes only. */
  public void truncateTo(long offset) throws StorageException {
    long relative = offset - baseOffset;
    int keep = file.query(entries -> IndexFile.floor(entries, relative - 1, OffsetIndex::key)) + 1;
    file.truncateToEntries(keep);
  }

  /** Finds what a crash or a foreign writer may have left: entries out of order or range. */
  public void sanityCheck() throws StorageException {
    ByteBuffer entries = file.copy();
    int keyBefore = -1;
    int positionBefore = -1;
    while (entries.remaining() >= ENTRY_BYTES) {
      int key = entries.getInt();
      int position = entries.getInt();
      if (key <= keyBefore || position <= positionBefore) {
        throw file.corrupt("offset index is out of order before byte " + entries.position());
      }
      keyBefore = key;
      positionBefore = position;
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

  private OffsetPosition entryOrStart(Entries entries, int entry) throws StorageException {
    return entry < 0
        ? new OffsetPosition(baseOffset, 0)
        : new OffsetPosition(baseOffset + key(entries, entry), (int) position(entries, entry));
  }

  private static long key(Entries entries, int entry) throws StorageException {
    return entries.intAt(entry * ENTRY_BYTES);
  }

  private static long position(Entries entries, int entry) throws StorageException {
    return entries.intAt(entry * ENTRY_BYTES + Integer.BYTES);
  }
}
