package io.penstock.storage.index;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Kafka's {@code .txnindex}: the aborted transactions whose marker lies in a segment, in the order
 * of their markers. Most segments have none, hence no file. One writer; the file is open only while
 * it is used, since aborts are rare.
 */
public final class TransactionIndex {
  public static final String SUFFIX = ".txnindex";

  /** Version int16, producer id, first offset, last offset, last stable offset int64. */
  static final int ENTRY_BYTES = 34;

  private static final short VERSION = 0;
  private static final int BYTES_MAX = 256 << 20;
  private static final String REMEDY = "delete the file: it is rebuilt from the log";

  private final Disk disk;
  private final long baseOffset;
  private volatile Path path;

  public TransactionIndex(Disk disk, Path path, long baseOffset) {
    this.disk = disk;
    this.path = path;
    this.baseOffset = baseOffset;
  }

  public Path path() {
    return path;
  }

  public void append(AbortedTransaction aborted) throws StorageException {
    ByteBuffer entry = ByteBuffer.allocateDirect(ENTRY_BYTES);
    entry.putShort(VERSION).putLong(aborted.producerId()).putLong(aborted.firstOffset());
    entry.putLong(aborted.lastOffset()).putLong(aborted.lastStableOffset()).flip();
    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      long end = file.size();
      file.write(new ByteBuffer[] {entry}, 1, end - end % ENTRY_BYTES);
    }
  }

  /**
   * Adds the transactions that touch {@code [fetchOffset, endOffset)} to a list. Returns whether
   * later segments cannot have more of them.
   */
  public boolean collect(long fetchOffset, long endOffset, List<AbortedTransaction> into)
      throws StorageException {
    for (AbortedTransaction aborted : all()) {
      if (aborted.lastOffset() >= fetchOffset && aborted.firstOffset() < endOffset) {
        into.add(aborted);
      }
      if (aborted.lastStableOffset() >= endOffset) {
        return true;
      }
    }
    return false;
  }

  public synchronized List<AbortedTransaction> all() throws StorageException {
    if (!disk.exists(path)) {
      return List.of();
    }
    ByteBuffer bytes = ByteBuffer.wrap(disk.readSmall(path, BYTES_MAX));
    List<AbortedTransaction> all = new ArrayList<>(bytes.remaining() / ENTRY_BYTES);
    while (bytes.remaining() >= ENTRY_BYTES) {
      short version = bytes.getShort();
      if (version != VERSION) {
        throw new CorruptFileException("transaction index of version " + version, path, REMEDY);
      }
      all.add(
          new AbortedTransaction(
              bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong()));
    }
    return all;
  }

  /** Removes the transactions whose marker is at or behind an offset. */
  public void truncateTo(long offset) throws StorageException {
    List<AbortedTransaction> all = all();
    int keep = 0;
    while (keep < all.size() && all.get(keep).lastOffset() < offset) {
      keep++;
    }
    if (keep < all.size()) {
      try (DiskFile file = disk.open(path, OpenMode.READ_WRITE)) {
        file.truncate((long) keep * ENTRY_BYTES);
      }
    }
  }

  public void clear() throws StorageException {
    disk.delete(path);
  }

  public void sanityCheck() throws StorageException {
    long before = baseOffset - 1;
    for (AbortedTransaction aborted : all()) {
      if (aborted.lastOffset() <= before || aborted.firstOffset() > aborted.lastOffset()) {
        throw new CorruptFileException("transaction index is out of order", path, REMEDY);
      }
      before = aborted.lastOffset();
    }
  }

  public void force() throws StorageException {
    if (disk.exists(path)) {
      try (DiskFile file = disk.open(path, OpenMode.READ_WRITE)) {
        file.force(true);
      }
    }
  }

  /** Gives the file, if there is one, another name. */
  public synchronized void moveTo(Path newPath) throws StorageException {
    if (disk.exists(path)) {
      disk.rename(path, newPath);
    }
    path = newPath;
  }

  public void delete() throws StorageException {
    disk.delete(path);
  }
}
