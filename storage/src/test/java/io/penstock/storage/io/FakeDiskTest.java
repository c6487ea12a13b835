package io.penstock.storage.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** That the fake disk fails and forgets as it says: other tests rely on it. */
class FakeDiskTest {
  private static final Path DIRECTORY = Path.of("/data");
  private static final Path FILE = DIRECTORY.resolve("f");

  private static FakeDisk diskWithForced(long seed, byte... content) throws StorageException {
    FakeDisk disk = new FakeDisk(seed);
    disk.createDirectories(DIRECTORY);
    try (DiskFile file = disk.open(FILE, OpenMode.CREATE)) {
      write(file, 0, content);
      file.force(false);
    }
    disk.syncDirectory(DIRECTORY);
    return disk;
  }

  private static void write(DiskFile file, long position, byte... bytes) throws StorageException {
    file.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 1, position);
  }

  private static byte[] filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @Test
  void losesWhatWasNotForced() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1, (byte) 2);
    write(disk.open(FILE, OpenMode.READ_WRITE), 1, (byte) 9, (byte) 9);

    disk.crash(FakeDisk.Tearing.LOSE_ALL);

    assertArrayEquals(new byte[] {1, 2}, disk.readSmall(FILE, 10));
  }

  @Test
  void keepsEverythingWhenOnlyTheProcessDies() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1, (byte) 2);
    write(disk.open(FILE, OpenMode.READ_WRITE), 1, (byte) 9, (byte) 9);
    disk.open(DIRECTORY.resolve("new"), OpenMode.CREATE);

    disk.crash(FakeDisk.Tearing.KEEP_ALL);

    assertArrayEquals(new byte[] {1, 9, 9}, disk.readSmall(FILE, 10));
    assertTrue(disk.exists(DIRECTORY.resolve("new")));
  }

  @Test
  void tearsToAPrefixOfTheUnforcedBytes() throws Exception {
    Set<Integer> lengths = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      FakeDisk disk = diskWithForced(seed, filled(100, 1));
      write(disk.open(FILE, OpenMode.READ_WRITE), 100, filled(50, 2));

      disk.crash(FakeDisk.Tearing.KEEP_PREFIX);

      byte[] found = disk.readSmall(FILE, 1_000);
      lengths.add(found.length);
      byte[] whole = Arrays.copyOf(filled(100, 1), 150);
      Arrays.fill(whole, 100, 150, (byte) 2);
      assertArrayEquals(Arrays.copyOf(whole, found.length), found, "seed " + seed);
    }
    assertTrue(lengths.size() > 20 && lengths.contains(100), lengths.toString());
  }

  @Test
  void tearsBySectors() throws Exception {
    boolean hole = false;
    for (int seed = 0; seed < 100; seed++) {
      FakeDisk disk = diskWithForced(seed, filled(512, 1));
      write(disk.open(FILE, OpenMode.READ_WRITE), 512, filled(512 * 4, 2));

      disk.crash(FakeDisk.Tearing.KEEP_RANDOM_SECTORS);

      byte[] found = disk.readSmall(FILE, 10_000);
      assertEquals(1, found[0]);
      for (int at = 512; at < found.length; at++) {
        int inSector = found[at - at % 512];
        assertTrue(found[at] == inSector && (inSector == 0 || inSector == 2), "seed " + seed);
      }
      hole |= found.length == 2560 && found[512] == 0 && found[2559] == 2;
    }
    assertTrue(hole);
  }

  @Test
  void aNameThatWasNotSyncedMayVanishOrStay() throws Exception {
    Set<List<Path>> outcomes = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      FakeDisk disk = diskWithForced(seed, (byte) 1);
      try (DiskFile file = disk.open(DIRECTORY.resolve("g"), OpenMode.CREATE)) {
        write(file, 0, (byte) 2);
        file.force(true);
      }
      disk.delete(FILE);
      disk.crash(FakeDisk.Tearing.KEEP_PREFIX);
      outcomes.add(disk.list(DIRECTORY));
    }
    assertEquals(4, outcomes.size());
  }

  @Test
  void aRenameIsDurableOnceTheDirectoryIsSynced() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1);
    disk.rename(FILE, DIRECTORY.resolve("g"));
    disk.crash(FakeDisk.Tearing.LOSE_ALL);
    assertEquals(List.of(FILE), disk.list(DIRECTORY));

    disk.rename(FILE, DIRECTORY.resolve("g"));
    disk.syncDirectory(DIRECTORY);
    disk.crash(FakeDisk.Tearing.LOSE_ALL);
    assertEquals(List.of(DIRECTORY.resolve("g")), disk.list(DIRECTORY));
  }

  @Test
  void aRenamedDirectoryTakesItsSyncedFilesAlong() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1);
    Path from = DIRECTORY.resolve("topic-0");
    Path to = DIRECTORY.resolve("topic-0.x-delete");
    disk.createDirectories(from);
    disk.syncDirectory(DIRECTORY);
    disk.writeAtomically(from.resolve("a"), new byte[] {5});
    disk.rename(from, to);
    disk.syncDirectory(DIRECTORY);

    disk.crash(FakeDisk.Tearing.LOSE_ALL);

    assertFalse(disk.exists(from));
    assertArrayEquals(new byte[] {5}, disk.readSmall(to.resolve("a"), 10));
  }

  @Test
  void filesOfTheLifeBeforeTheCrashAreDead() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1);
    DiskFile old = disk.open(FILE, OpenMode.READ_WRITE);

    disk.crash(FakeDisk.Tearing.LOSE_ALL);

    assertThrows(StorageException.class, () -> write(old, 0, (byte) 7));
    assertThrows(StorageException.class, old::size);
  }

  @Test
  void writesWhatFitsWhenItIsFullAndGoesOnWhenThereIsRoom() throws Exception {
    FakeDisk disk = diskWithForced(1, filled(10, 1));
    disk.limitCapacity(15);
    try (DiskFile file = disk.open(FILE, OpenMode.READ_WRITE)) {
      assertThrows(DiskFullException.class, () -> write(file, 10, filled(8, 2)));
      assertEquals(15, file.size());
      assertThrows(DiskFullException.class, () -> file.allocate(0, 16));
      write(file, 0, filled(15, 3));
      file.truncate(1);
      write(file, 1, filled(14, 4));
      assertEquals(0, disk.usableBytes(DIRECTORY));
      disk.limitCapacity(100);
      file.allocate(0, 90);
      assertEquals(90, disk.usedBytes());
    }
  }

  @Test
  void failsFromTheKthWriteOn() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1);
    DiskFile file = disk.open(FILE, OpenMode.READ_WRITE);
    disk.failWritesFrom(1);

    write(file, 0, (byte) 2);
    assertThrows(StorageException.class, () -> write(file, 0, (byte) 3));
    assertThrows(StorageException.class, () -> file.force(true));
    disk.healWrites();

    StorageException after = assertThrows(StorageException.class, () -> write(file, 0, (byte) 3));
    assertTrue(String.valueOf(after.getMessage()).contains("failed fsync"));
    write(disk.open(FILE, OpenMode.READ_WRITE), 0, (byte) 4);
  }

  @Test
  void aDeadDiskFailsReadsToo() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1);
    disk.createDirectories(Path.of("/other"));
    disk.failUnder(DIRECTORY);

    assertThrows(StorageException.class, () -> disk.readSmall(FILE, 10));
    assertThrows(StorageException.class, () -> disk.list(DIRECTORY));
    disk.writeAtomically(Path.of("/other/x"), new byte[1]);
  }

  @Test
  void flipsAByteForGood() throws Exception {
    FakeDisk disk = diskWithForced(1, (byte) 1, (byte) 2);

    disk.flipByte(FILE, 1);
    disk.crash(FakeDisk.Tearing.LOSE_ALL);

    assertArrayEquals(new byte[] {1, 0x42}, disk.readSmall(FILE, 10));
  }

  @Test
  void mappedBytesAreLostOrKeptLikeWrittenOnes() throws Exception {
    FakeDisk disk = diskWithForced(1, filled(8, 0));
    DiskFile file = disk.open(FILE, OpenMode.READ_WRITE);
    MemorySegment mapped = file.map(8, true, Arena.ofAuto());
    mapped.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    file.force(true);
    mapped.set(ValueLayout.JAVA_BYTE, 1, (byte) 2);

    disk.crash(FakeDisk.Tearing.LOSE_ALL);

    assertArrayEquals(new byte[] {1, 0, 0, 0, 0, 0, 0, 0}, disk.readSmall(FILE, 10));
  }

  @Test
  void cuttingAMappedFileIsADefect() throws Exception {
    FakeDisk disk = diskWithForced(1, filled(8, 0));
    DiskFile file = disk.open(FILE, OpenMode.READ_WRITE);
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(8, file.map(8, true, arena).byteSize());
      assertInstanceOf(
          AssertionError.class, assertThrows(AssertionError.class, () -> file.truncate(4)));
    }
    file.truncate(4);
  }
}
