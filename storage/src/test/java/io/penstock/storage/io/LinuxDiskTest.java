package io.penstock.storage.io;

import static org.awaitility.Awaitility.await;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What only the kernel can show; the rest is in {@link DiskContractTest}. */
@EnabledOnOs(OS.LINUX)
class LinuxDiskTest {
  @TempDir Path directory;

  private final Disk disk = new LinuxDisk();

  private static ByteBuffer[] direct(int bytes) {
    return new ByteBuffer[] {ByteBuffer.allocateDirect(bytes)};
  }

  private static String field(String file, String name) throws Exception {
    for (String line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(name)) {
        return line.substring(name.length()).strip();
      }
    }
    throw new AssertionError(name);
  }

  @Test
  void isChosenHere() {
    assertInstanceOf(LinuxDisk.class, Disks.local());
  }

  @Test
  void aFullDiskHasItsOwnException() throws Exception {
    try (DiskFile full = disk.open(Path.of("/dev/full"), OpenMode.READ_WRITE)) {
      DiskFullException failure =
          assertThrows(DiskFullException.class, () -> full.write(direct(10), 1, 0));

      String message = String.valueOf(failure.getMessage());
      assertTrue(message.contains("write failed with ENOSPC: /dev/full"), message);
      assertTrue(message.contains("free space"), message);
    }
  }

  @Test
  void errorsCarryTheirNames() {
    StorageException missing =
        assertThrows(
            StorageException.class, () -> disk.open(directory.resolve("x"), OpenMode.READ));
    assertTrue(String.valueOf(missing.getMessage()).contains("ENOENT"));
    StorageException isDirectory =
        assertThrows(StorageException.class, () -> disk.open(directory, OpenMode.READ_WRITE));
    assertTrue(String.valueOf(isDirectory.getMessage()).contains("EISDIR"));
  }

  @Test
  void doesNotTakeAnUnreadableNameForAMissingOne() throws Exception {
    assertFalse(disk.exists(directory.resolve("x")));
    Path endless = directory.resolve("loop");
    Files.createSymbolicLink(endless, endless);

    assertThrows(StorageException.class, () -> disk.exists(endless));
  }

  @Test
  void aFileOpenedForReadingCannotBeWritten() throws Exception {
    Path path = directory.resolve("r");
    disk.open(path, OpenMode.CREATE).close();
    try (DiskFile file = disk.open(path, OpenMode.READ)) {
      StorageException failure =
          assertThrows(StorageException.class, () -> file.write(direct(1), 1, 0));
      assertTrue(String.valueOf(failure.getMessage()).contains("EBADF"));
    }
  }

  @Test
  void descriptorsAreNotInheritedByChildren() throws Exception {
    try (DiskFile file = disk.open(directory.resolve("c"), OpenMode.CREATE)) {
      String flags = field("/proc/self/fdinfo/" + file.fd(), "flags:");
      assertTrue((Long.parseLong(flags, 8) & 02000000L) != 0, flags);
    }
  }

  @Test
  void closesEveryDescriptorItOpens() throws Exception {
    Path path = directory.resolve("d");
    disk.writeAtomically(path, new byte[10]);
    int before = openDescriptors();

    for (int i = 0; i < 50; i++) {
      disk.writeAtomically(path, new byte[10]);
      assertEquals(10, disk.readSmall(path, 10).length);
      assertThrows(CorruptFileException.class, () -> disk.readSmall(path, 9));
      assertThrows(StorageException.class, () -> disk.open(directory.resolve("x"), OpenMode.READ));
    }

    assertTrue(openDescriptors() < before + 20);
  }

  private static int openDescriptors() throws Exception {
    try (var entries = Files.list(Path.of("/proc/self/fd"))) {
      return (int) entries.count();
    }
  }

  @Test
  void oneAppendIsOneWriteCall() throws Exception {
    try (DiskFile file = disk.open(directory.resolve("w"), OpenMode.CREATE)) {
      ByteBuffer[] sources = new ByteBuffer[100];
      Arrays.setAll(sources, i -> ByteBuffer.allocateDirect(1000).put(0, (byte) i));
      file.write(sources, 1, 0);
      long before = Long.parseLong(field("/proc/thread-self/io", "syscw:"));

      file.write(sources, 100, 0);

      assertEquals(before + 1, Long.parseLong(field("/proc/thread-self/io", "syscw:")));
      ByteBuffer read = ByteBuffer.allocate(1);
      file.read(read, 99_000);
      assertEquals(99, read.get(0));
    }
  }

  @Test
  void allocatedSpaceIsReservedBehindTheEndAndGivenBackByTruncation() throws Exception {
    Path path = directory.resolve("a");
    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      file.allocate(0, 8 << 20);
      assertEquals(0, file.size());
      assertTrue(blocks(path) >= (8 << 20) / 512 || blocks(path) == 0, "unsupported or reserved");
      file.write(direct(100), 1, 0);
      file.truncate(100);
      assertTrue(blocks(path) < 1000);
    }
  }

  private static long blocks(Path path) throws Exception {
    Process stat = new ProcessBuilder("stat", "-c", "%b", path.toString()).start();
    return Long.parseLong(
        new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
  }

  @Test
  void knowsWhatIsInMemoryAndBringsInWhatIsNot() throws Exception {
    int size = 4 << 20;
    try (DiskFile file = disk.open(directory.resolve("m"), OpenMode.CREATE)) {
      file.write(direct(size), 1, 0);
      assertTrue(file.isResident(0, size));
      assertFalse(file.isResident(0, size + 1));
      file.force(false);
      drop(file, size);

      file.bringIn(0, size);

      assertTrue(file.isResident(0, size));
      assertTrue(file.isResident(size - 1, 1));
    }
  }

  /** The kernel drops what it can at that moment, so it is asked again; on tmpfs it never can. */
  private void drop(DiskFile file, int size) throws Exception {
    String type = Files.getFileStore(directory).type();
    if (type.equals("tmpfs") || type.equals("overlay")) {
      file.dropBehind(0, size);
      return;
    }
    await()
        .until(() -> {
          file.dropBehind(0, size);
          return !file.isResident(0, size);
        });
  }

  @Test
  void mappingsLiveExactlyAsLongAsTheirArena() throws Exception {
    try (DiskFile file = disk.open(directory.resolve("p"), OpenMode.CREATE)) {
      file.truncate(10_000);
      MemorySegment mapped;
      try (Arena arena = Arena.ofShared()) {
        mapped = file.map(10_000, true, arena);
        mapped.set(ValueLayout.JAVA_BYTE, 9_999, (byte) 3);
        assertThrows(
            IllegalArgumentException.class,
            () -> file.map(10, false, arena).set(ValueLayout.JAVA_BYTE, 0, (byte) 0));
      }
      assertThrows(IllegalStateException.class, () -> mapped.get(ValueLayout.JAVA_BYTE, 0));
      assertFalse(Files.readString(Path.of("/proc/self/maps")).contains(directory + "/p"));
      file.truncate(0);
    }
  }

  @Test
  @Timeout(60)
  void manyThreadsUseOneFileByPosition() throws Exception {
    try (DiskFile file = disk.open(directory.resolve("t"), OpenMode.CREATE);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int mine = thread;
        results.add(
            threads.submit(() -> {
              ByteBuffer out = ByteBuffer.allocateDirect(64);
              ByteBuffer in = ByteBuffer.allocateDirect(64);
              for (int i = 0; i < 2_000; i++) {
                long position = (i * 4L + mine) * 64;
                out.putLong(0, position);
                file.write(new ByteBuffer[] {out}, 1, position);
                in.clear();
                file.read(in, position);
                assertEquals(position, in.getLong(0));
              }
              return null;
            }));
      }
      for (Future<?> result : results) {
        result.get(30, TimeUnit.SECONDS);
      }
      assertEquals(2_000 * 4 * 64, file.size());
      byte[] all = disk.readSmall(directory.resolve("t"), 1 << 20);
      assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 64}, Arrays.copyOfRange(all, 64, 72));
    }
  }
}
