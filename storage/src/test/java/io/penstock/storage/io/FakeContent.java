package io.penstock.storage.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The bytes of one fake file, as seen and as forced, and the mappings of it. Guarded by the lock of
 * its {@link FakeDisk}. Mapped bytes are taken over before anything else looks at the file.
 */
final class FakeContent {
  private static final int SECTOR_BYTES = 512;

  private final boolean directory;
  private final List<Mapping> mappings = new ArrayList<>();
  private byte[] seen = new byte[0];
  private int size;

  /** How far blocks back the file: what was written or allocated; the rest is a hole. */
  private int backed;

  private byte[] forced = new byte[0];

  FakeContent(boolean directory) {
    this.directory = directory;
  }

  boolean isDirectory() {
    return directory;
  }

  int size() {
    return size;
  }

  int backed() {
    return backed;
  }

  void allocate(int end) {
    backed = Math.max(backed, end);
  }

  void read(byte[] target, int offset, int length, int position) {
    takeOverMappings();
    System.arraycopy(seen, position, target, offset, length);
  }

  void write(byte[] source, int length, int position) {
    takeOverMappings();
    resize(Math.max(size, position + length));
    allocate(position + length);
    System.arraycopy(source, 0, seen, position, length);
    for (Mapping mapped : mappings) {
      MemorySegment mapping = mapped.bytes;
      int end = (int) Math.min(position + length, mapping.byteSize());
      if (end > position) {
        MemorySegment.copy(source, 0, mapping, ValueLayout.JAVA_BYTE, position, end - position);
      }
    }
  }

  void truncate(int newSize) {
    takeOverMappings();
    for (Mapping mapping : mappings) {
      if (mapping.bytes.byteSize() > newSize) {
        throw new AssertionError("a mapped file was cut: its readers would die of SIGBUS");
      }
    }
    resize(newSize);
    backed = Math.min(backed, newSize);
  }

  private void resize(int newSize) {
    if (newSize > seen.length) {
      seen = Arrays.copyOf(seen, Math.max(newSize, seen.length * 2));
    }
    if (newSize < size) {
      Arrays.fill(seen, newSize, size, (byte) 0);
    }
    size = newSize;
  }

  void force() {
    takeOverMappings();
    forced = Arrays.copyOf(seen, size);
  }

  void flip(int position) {
    takeOverMappings();
    seen[position] ^= 0x40;
    if (position < forced.length) {
      forced[position] ^= 0x40;
    }
  }

  MemorySegment map(int length, Arena arena, Object lock) {
    takeOverMappings();
    MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, length), 8);
    MemorySegment.copy(seen, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
    Mapping mapping = new Mapping(memory.asSlice(0, length));
    mappings.add(mapping);
    return mapping.bytes.reinterpret(
        arena,
        _ -> {
          synchronized (lock) {
            takeOverMappings();
            mappings.remove(mapping);
          }
        });
  }

  private void takeOverMappings() {
    for (Mapping mapping : mappings) {
      int length = (int) Math.min(size, mapping.bytes.byteSize());
      MemorySegment.copy(mapping.bytes, ValueLayout.JAVA_BYTE, 0, seen, 0, length);
    }
  }

  void crash(FakeDisk.Tearing tearing, Random random) {
    takeOverMappings();
    mappings.clear();
    byte[] after =
        switch (tearing) {
          case KEEP_ALL -> Arrays.copyOf(seen, size);
          case LOSE_ALL -> forced;
          case KEEP_PREFIX -> prefix(random);
          case KEEP_RANDOM_SECTORS -> sectors(random);
        };
    seen = after.clone();
    size = after.length;
    backed = size;
    forced = after.clone();
  }

  /** What was forced, overwritten by the first so many of the bytes that differ from it. */
  private byte[] prefix(Random random) {
    int same = 0;
    while (same < Math.min(size, forced.length) && seen[same] == forced[same]) {
      same++;
    }
    int end = same + random.nextInt(Math.max(0, size - same) + 1);
    byte[] after = Arrays.copyOf(forced, Math.max(end, Math.min(forced.length, size)));
    System.arraycopy(seen, 0, after, 0, end);
    return after;
  }

  /** Each sector is the old or the new one; the size is the old or the new one too. */
  private byte[] sectors(Random random) {
    byte[] after = Arrays.copyOf(forced, random.nextBoolean() ? size : forced.length);
    for (int at = 0; at < after.length; at += SECTOR_BYTES) {
      int length = Math.min(SECTOR_BYTES, Math.min(after.length, size) - at);
      if (length > 0 && random.nextBoolean()) {
        System.arraycopy(seen, at, after, at, length);
      }
    }
    return after;
  }

  /** Two mappings are never equal. */
  private static final class Mapping {
    private final MemorySegment bytes;

    Mapping(MemorySegment bytes) {
      this.bytes = bytes;
    }
  }
}
