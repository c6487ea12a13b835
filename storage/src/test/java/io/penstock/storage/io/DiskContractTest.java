package io.penstock.storage.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link Disk} does alike: the real ones and the fake that other tests rely on. */
class DiskContractTest {
  @TempDir Path directory;

  static List<Disk> disks() {
    List<Disk> disks = new ArrayList<>(List.of(new NioDisk(), new FakeDisk(1)));
    if (LinuxDisk.isSupported()) {
      disks.add(new LinuxDisk());
    }
    return disks;
  }

  private Path fresh(Disk disk) throws StorageException {
    Path work = directory.resolve(disk.getClass().getSimpleName());
    disk.createDirectories(work);
    return work;
  }

  @ParameterizedTest
  @MethodSource("disks")
  void gathersManyBuffersInOneWriteAndLeavesTheirPositions(Disk disk) throws Exception {
    Path path = fresh(disk).resolve("a.log");
    ByteBuffer[] sources = new ByteBuffer[700];
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (int i = 0; i < sources.length; i++) {
      sources[i] = ByteBuffer.allocateDirect(i % 13 + 4);
      for (int at = 0; at < sources[i].capacity(); at++) {
        sources[i].put(at, (byte) (i + at));
      }
      sources[i].position(i % 3).limit(sources[i].capacity() - 1);
      for (int at = sources[i].position(); at < sources[i].limit(); at++) {
        expected.write(sources[i].get(at));
      }
    }

    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      file.write(sources, 699, 5);

      int bytes = expected.size() - sources[699].remaining();
      assertEquals(5 + bytes, file.size());
      byte[] read = new byte[bytes];
      assertEquals(bytes, file.read(ByteBuffer.wrap(read), 5));
      assertArrayEquals(Arrays.copyOf(expected.toByteArray(), bytes), read);
      assertEquals(2, sources[2].position());
    }
  }

  @ParameterizedTest
  @MethodSource("disks")
  void readsUpToTheEndAndSaysWhereItIs(Disk disk) throws Exception {
    try (DiskFile file = disk.open(fresh(disk).resolve("b"), OpenMode.CREATE)) {
      file.write(new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1, 2, 3})}, 1, 0);
      ByteBuffer direct = ByteBuffer.allocateDirect(8);
      ByteBuffer heap = ByteBuffer.allocate(8);

      assertEquals(2, file.read(direct, 1));
      assertEquals(2, file.read(heap, 1));
      assertEquals(2, direct.position());
      assertEquals(2, heap.position());
      assertEquals(3, heap.get(1));
      assertEquals(-1, file.read(direct, 3));
      assertEquals(-1, file.read(heap, 100));
    }
  }

  @ParameterizedTest
  @MethodSource("disks")
  void refusesEveryUseOfAClosedFile(Disk disk) throws Exception {
    DiskFile file = disk.open(fresh(disk).resolve("c"), OpenMode.CREATE);
    file.close();
    file.close();

    ByteBuffer buffer = ByteBuffer.allocateDirect(1);
    assertThrows(StorageException.class, file::size);
    assertThrows(StorageException.class, () -> file.read(buffer, 0));
    assertThrows(StorageException.class, () -> file.write(new ByteBuffer[] {buffer}, 1, 0));
    assertThrows(StorageException.class, () -> file.force(true));
    assertThrows(StorageException.class, () -> file.truncate(0));
    assertEquals(-1, file.fd());
    assertFalse(file.isResident(0, 1));
  }

  @ParameterizedTest
  @MethodSource("disks")
  void truncatesExtendsAndAllocatesWithoutChangingTheSize(Disk disk) throws Exception {
    try (DiskFile file = disk.open(fresh(disk).resolve("d"), OpenMode.CREATE)) {
      file.allocate(0, 1 << 20);
      assertEquals(0, file.size());
      file.truncate(10);
      assertEquals(10, file.size());
      file.write(new ByteBuffer[] {ByteBuffer.wrap(new byte[] {7, 7})}, 1, 9);
      file.truncate(10);
      file.truncate(12);
      ByteBuffer tail = ByteBuffer.allocate(3);
      file.read(tail, 9);
      assertArrayEquals(new byte[] {7, 0, 0}, tail.array());
    }
  }

  @ParameterizedTest
  @MethodSource("disks")
  void sharesAMappingWithTheFile(Disk disk) throws Exception {
    try (DiskFile file = disk.open(fresh(disk).resolve("e"), OpenMode.CREATE)) {
      file.truncate(4096);
      try (Arena arena = Arena.ofShared()) {
        MemorySegment mapped = file.map(4096, true, arena);
        mapped.set(ValueLayout.JAVA_BYTE, 100, (byte) 42);
      }
      ByteBuffer read = ByteBuffer.allocate(1);
      file.read(read, 100);
      assertEquals(42, read.get(0));
      try (Arena arena = Arena.ofConfined()) {
        assertEquals(42, file.map(200, false, arena).get(ValueLayout.JAVA_BYTE, 100));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("disks")
  void replacesSmallFilesAtomically(Disk disk) throws Exception {
    Path work = fresh(disk);
    Path path = work.resolve("f");
    disk.writeAtomically(path, new byte[] {1, 2, 3});
    disk.writeAtomically(path, new byte[] {4});

    assertArrayEquals(new byte[] {4}, disk.readSmall(path, 10));
    assertEquals(List.of(path), disk.list(work));
    disk.writeAtomically(path, new byte[0]);
    assertEquals(0, disk.readSmall(path, 10).length);
    disk.writeAtomically(path, new byte[11]);
    assertThrows(CorruptFileException.class, () -> disk.readSmall(path, 10));
  }

  @ParameterizedTest
  @MethodSource("disks")
  void renamesDeletesAndListsByName(Disk disk) throws Exception {
    Path work = fresh(disk);
    disk.createDirectories(work.resolve("topic-0"));
    disk.open(work.resolve("topic-0/x"), OpenMode.CREATE).close();
    disk.rename(work.resolve("topic-0"), work.resolve("topic-0.gone-delete"));

    assertFalse(disk.exists(work.resolve("topic-0/x")));
    assertTrue(disk.exists(work.resolve("topic-0.gone-delete/x")));
    assertThrows(StorageException.class, () -> disk.delete(work.resolve("topic-0.gone-delete")));
    disk.delete(work.resolve("topic-0.gone-delete/x"));
    disk.delete(work.resolve("topic-0.gone-delete"));
    disk.delete(work.resolve("topic-0.gone-delete"));
    disk.syncDirectory(work);
    assertEquals(List.of(), disk.list(work));
    assertTrue(disk.usableBytes(work) > 0);
  }

  @ParameterizedTest
  @MethodSource("disks")
  void saysWhatFailedWhereAndWhatToDo(Disk disk) throws Exception {
    Path missing = fresh(disk).resolve("missing");

    StorageException failure =
        assertThrows(StorageException.class, () -> disk.open(missing, OpenMode.READ));

    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains("open failed"), message);
    assertTrue(message.contains(missing.toString()), message);
    assertTrue(message.contains("check whether"), message);
    assertEquals(missing, failure.path());
    assertThrows(StorageException.class, () -> disk.open(missing, OpenMode.READ_WRITE));
    assertThrows(StorageException.class, () -> disk.list(missing));
    assertThrows(StorageException.class, () -> disk.syncDirectory(missing));
  }

  @ParameterizedTest
  @MethodSource("disks")
  void copiesARangeToAChannelAsAFallback(Disk disk) throws Exception {
    byte[] content = new byte[200_000];
    new Random(7).nextBytes(content);
    try (DiskFile file = disk.open(fresh(disk).resolve("g"), OpenMode.CREATE)) {
      file.write(new ByteBuffer[] {ByteBuffer.wrap(content)}, 1, 0);
      ByteArrayOutputStream out = new ByteArrayOutputStream();

      assertEquals(199_000, file.transferTo(1000, 1_000_000, Channels.newChannel(out)));

      assertArrayEquals(Arrays.copyOfRange(content, 1000, 200_000), out.toByteArray());
      file.bringIn(0, content.length);
      file.bringIn(0, 10 * content.length);
      file.dropBehind(0, content.length);
    }
  }

  @ParameterizedTest
  @MethodSource("disks")
  void behavesLikeAnArrayUnderRandomWrites(Disk disk) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] model = new byte[1 << 16];
    int size = 0;
    try (DiskFile file = disk.open(fresh(disk).resolve("h"), OpenMode.CREATE)) {
      for (int step = 0; step < 400; step++) {
        if (random.nextInt(10) == 0) {
          int cut = random.nextInt(size + 1);
          file.truncate(cut);
          Arrays.fill(model, cut, size, (byte) 0);
          size = cut;
        } else {
          int at = random.nextInt(size + 1);
          byte[] bytes = new byte[random.nextInt(1 + Math.min(500, model.length - at))];
          random.nextBytes(bytes);
          ByteBuffer source = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
          file.write(new ByteBuffer[] {source}, 1, at);
          System.arraycopy(bytes, 0, model, at, bytes.length);
          size = Math.max(size, bytes.length == 0 ? 0 : at + bytes.length);
        }
        assertEquals(size, file.size(), "seed " + seed);
      }
      ByteBuffer all = ByteBuffer.allocate(size);
      file.read(all, 0);
      assertArrayEquals(Arrays.copyOf(model, size), all.array(), "seed " + seed);
    }
  }

  @ParameterizedTest
  @MethodSource("disks")
  void keepsDescriptorsOpenWhenAThreadIsInterrupted(Disk disk) throws Exception {
    if (!(disk instanceof LinuxDisk)) {
      return;
    }
    try (DiskFile file = disk.open(fresh(disk).resolve("i"), OpenMode.CREATE)) {
      Thread.currentThread().interrupt();
      file.write(new ByteBuffer[] {ByteBuffer.allocateDirect(3)}, 1, 0);
      file.force(false);
      assertTrue(Thread.interrupted());
      assertEquals(3, file.size());
      assertTrue(file.isResident(0, 3));
      assertFalse(file.isResident(0, 4));
      assertInstanceOf(LinuxDiskFile.class, file);
    }
  }
}
