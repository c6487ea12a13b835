package io.penstock.storage.index;

import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The mapped file of an active index. One writer; readers see what {@link #publish} has published.
 * The file is sparse and has its largest size from the start, so that it is never remapped; blocks
 * are reserved ahead of the writer, because a store into a hole of a full disk is a SIGBUS where a
 * failed reservation is an exception.
 */
final class MappedEntries implements Entries {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int RESERVE_BYTES_MIN = 4 << 10;
  private static final int RESERVE_BYTES_MAX = 64 << 10;

  private final DiskFile file;
  private final Arena arena;
  private final MemorySegment bytes;
  private final int entryBytes;
  private volatile int count;
  private int reservedBytes;

  private MappedEntries(
      DiskFile file, Arena arena, MemorySegment bytes, int entryBytes, int existingBytes) {
    this.file = file;
    this.arena = arena;
    this.bytes = bytes;
    this.entryBytes = entryBytes;
    this.reservedBytes = existingBytes;
    this.count = writtenEntries(existingBytes / entryBytes);
  }

  /** Opens or creates the file and maps at least {@code bytesMin} bytes of it. */
  @SuppressWarnings("MustBeClosedChecker") // the arena lives as long as these entries
  static MappedEntries open(Disk disk, Path path, int entryBytes, int bytesMin)
      throws StorageException {
    DiskFile file = disk.open(path, OpenMode.CREATE);
    Arena arena = Arena.ofShared();
    try {
      int existing = (int) Math.min(file.size(), Integer.MAX_VALUE - 16);
      existing -= existing % entryBytes;
      int size = Math.max(bytesMin, existing);
      file.truncate(size);
      return new MappedEntries(file, arena, file.map(size, true, arena), entryBytes, existing);
    } catch (StorageException | RuntimeException e) {
      arena.close();
      file.close();
      throw e;
    }
  }

  @Override
  public int count() {
    return count;
  }

  int capacity() {
    return (int) (bytes.byteSize() / entryBytes);
  }

  @Override
  public long longAt(int byteOffset) {
    return bytes.get(LONG, byteOffset);
  }

  @Override
  public int intAt(int byteOffset) {
    return bytes.get(INT, byteOffset);
  }

  /** Makes sure that one more entry has blocks on the disk. */
  void reserve() throws StorageException {
    int end = (count + 1) * entryBytes;
    while (end > reservedBytes) {
      int ahead = Math.clamp(reservedBytes, RESERVE_BYTES_MIN, RESERVE_BYTES_MAX);
      int length = (int) Math.min(ahead, bytes.byteSize() - reservedBytes);
      file.allocate(reservedBytes, length);
      reservedBytes += length;
    }
  }

  void putLong(int byteOffset, long value) {
    bytes.set(LONG, byteOffset, value);
  }

  void putInt(int byteOffset, int value) {
    bytes.set(INT, byteOffset, value);
  }

  /** Makes the first {@code entries} entries visible, or takes back what is behind them. */
  void publish(int entries) {
    int before = count;
    count = entries;
    if (entries < before) {
      // A crash must not bring back what was cut: on disk, entries end where zeros begin.
      bytes
          .asSlice((long) entries * entryBytes, (long) (before - entries) * entryBytes)
          .fill((byte) 0);
    }
  }

  /** A copy of all entries: a cold JVM reads an array ten times faster than mapped memory. */
  ByteBuffer copy() {
    byte[] copy = new byte[count * entryBytes];
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, copy, 0, copy.length);
    return ByteBuffer.wrap(copy);
  }

  void force() throws StorageException {
    if (bytes.isMapped()) {
      bytes.force();
    }
    file.force(true);
  }

  /** Unmaps and only then cuts the file to its entries; a reader that is still inside fails. */
  void closeTrimmed(boolean force) throws StorageException {
    arena.close();
    try (file) {
      file.truncate((long) count * entryBytes);
      if (force) {
        file.force(true);
      }
    }
  }

  /** Unmaps and leaves the file as it is, to be deleted. */
  void abandon() throws StorageException {
    arena.close();
    file.close();
  }

  /**
   * After a crash the file has its full size and zeros behind the entries. No entry but the first
   * can be all zeros (keys grow), so the first zero entry is found by bisection.
   */
  private int writtenEntries(int limit) {
    int low = 1;
    int high = limit;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isZero(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return limit == 0 || (low == 1 && isZero(0)) ? 0 : low;
  }

  private boolean isZero(int entry) {
    int from = entry * entryBytes;
    for (int at = from; at < from + entryBytes; at += Integer.BYTES) {
      if (intAt(at) != 0) {
        return false;
      }
    }
    return true;
  }
}
