package io.penstock.storage.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The offset index in all its forms, against bytes of Kafka's own and a sorted map. */
class OffsetIndexTest {
  private static final Path DIRECTORY = Path.of("/data/topic-0");
  private static final Path FILE = DIRECTORY.resolve("00000000000000001000.index");

  /** Written by OffsetIndex of Kafka 4.4.0: 1005 at 4096, 1010 at 8200. */
  private static final String GOLDEN = "00000005000010000000000a00002008";

  private final FakeDisk disk = new FakeDisk(1);
  private final IndexCache cache = new IndexCache(1 << 20);

  @BeforeEach
  void createDirectory() throws StorageException {
    disk.createDirectories(DIRECTORY);
  }

  private OffsetIndex active() throws StorageException {
    return OffsetIndex.openActive(disk, FILE, 1000, 1 << 16);
  }

  private static OffsetPosition at(long offset, int position) {
    return new OffsetPosition(offset, position);
  }

  @Test
  void writesTheBytesThatKafkaWrites() throws Exception {
    OffsetIndex index = active();
    index.append(1005, 4096);
    index.append(1010, 8200);

    index.close();

    assertArrayEquals(HexFormat.of().parseHex(GOLDEN), disk.readSmall(FILE, 100));
  }

  @Test
  void readsWhatKafkaWroteActiveOrSealed() throws Exception {
    disk.writeAtomically(FILE, HexFormat.of().parseHex(GOLDEN));
    try (OffsetIndex sealed = OffsetIndex.openSealed(disk, FILE, 1000, cache)) {
      assertFinds(sealed);
    }
    try (OffsetIndex again = active()) {
      assertFinds(again);
    }
  }

  @Test
  void looksInMemoryWithoutReadingTheFile() throws StorageException {
    try (OffsetIndex index = active()) {
      index.append(1005, 4096);
      assertEquals(Optional.of(at(1005, 4096)), index.lookupInMemory(1007));
      index.seal(cache);
    }
    try (OffsetIndex sealed = OffsetIndex.openSealed(disk, FILE, 1000, cache)) {
      assertEquals(Optional.empty(), sealed.lookupInMemory(1007));
      sealed.lookup(1007);
      assertEquals(Optional.of(at(1005, 4096)), sealed.lookupInMemory(1007));
    }
  }

  private static void assertFinds(OffsetIndex index) throws StorageException {
    index.sanityCheck();
    assertEquals(2, index.entries());
    assertEquals(at(1000, 0), index.lookup(999));
    assertEquals(at(1000, 0), index.lookup(1004));
    assertEquals(at(1005, 4096), index.lookup(1005));
    assertEquals(at(1005, 4096), index.lookup(1009));
    assertEquals(at(1010, 8200), index.lookup(Long.MAX_VALUE / 2));
    assertEquals(at(1010, 8200), index.last());
    assertEquals(Optional.of(at(1005, 4096)), index.firstAtOrBehind(4096));
    assertEquals(Optional.of(at(1010, 8200)), index.firstAtOrBehind(4097));
    assertEquals(Optional.empty(), index.firstAtOrBehind(8201));
  }

  @Test
  void hasNoFileBeforeTheFirstEntry() throws Exception {
    OffsetIndex index = active();
    assertEquals(at(1000, 0), index.lookup(2000));
    assertEquals(at(1000, 0), index.last());
    assertFalse(disk.exists(FILE));

    index.append(1001, 10);

    assertTrue(disk.exists(FILE));
  }

  @Test
  void sealingWithoutAnEntryLeavesAnEmptyFileAsKafkaExpects() throws Exception {
    OffsetIndex index = active();

    index.seal(cache);
    index.seal(cache);

    assertEquals(0, disk.readSmall(FILE, 100).length);
    assertEquals(at(1000, 0), index.lookup(2000));
  }

  @Test
  void refusesEntriesThatDoNotGrowOrDoNotFit() throws Exception {
    OffsetIndex index = OffsetIndex.openActive(disk, FILE, 1000, 20);
    index.append(1001, 10);

    assertThrows(IllegalArgumentException.class, () -> index.append(1001, 20));
    assertThrows(IllegalArgumentException.class, () -> index.append(999, 20));
    assertThrows(IllegalArgumentException.class, () -> index.append(1001L + Integer.MAX_VALUE, 20));
    assertFalse(index.isFull());
    index.append(1000L + Integer.MAX_VALUE, 20);
    assertTrue(index.isFull());
    assertThrows(IllegalStateException.class, () -> index.append(1000L + Integer.MAX_VALUE, 30));
    assertEquals(at(1000L + Integer.MAX_VALUE, 20), index.last());
  }

  @Test
  void truncatesByOffset() throws Exception {
    OffsetIndex index = active();
    for (int i = 1; i <= 10; i++) {
      index.append(1000 + i * 10, i * 100);
    }

    index.truncateTo(1055);
    assertEquals(at(1050, 500), index.last());
    index.truncateTo(1050);
    assertEquals(at(1040, 400), index.last());
    index.append(1041, 401);
    index.truncateTo(0);
    assertEquals(0, index.entries());
    assertEquals(at(1000, 0), index.lookup(5000));
  }

  @Test
  void afterACrashTheZerosBehindTheEntriesAreNotEntries() throws Exception {
    for (int entries : new int[] {0, 1, 2, 3, 511, 1000}) {
      Path path = DIRECTORY.resolve(entries + ".index");
      OffsetIndex index = OffsetIndex.openActive(disk, path, 1000, 1 << 16);
      for (int i = 1; i <= entries + 5; i++) {
        index.append(1000 + i, i);
      }
      index.truncateTo(1001 + entries);
      disk.syncDirectory(DIRECTORY);
      disk.crash(FakeDisk.Tearing.KEEP_ALL);

      OffsetIndex again = OffsetIndex.openActive(disk, path, 1000, 1 << 16);

      assertEquals(entries, again.entries());
      again.sanityCheck();
      again.close();
      assertEquals(entries * 8, disk.readSmall(path, 1 << 16).length);
    }
  }

  @Test
  void sanityCheckFindsDisorder() throws Exception {
    ByteBuffer entries = ByteBuffer.allocate(24);
    entries.putInt(5).putInt(100).putInt(5).putInt(200).putInt(9).putInt(300);
    disk.writeAtomically(FILE, entries.array());
    assertThrows(CorruptFileException.class, () -> active().sanityCheck());
    entries.putInt(8, 6).putInt(12, 100);
    disk.writeAtomically(FILE, entries.array());
    assertThrows(CorruptFileException.class, () -> active().sanityCheck());
    entries.putInt(12, 200);
    disk.writeAtomically(FILE, entries.array());
    active().sanityCheck();
    disk.writeAtomically(FILE, new byte[23]);
    assertThrows(CorruptFileException.class, () -> OffsetIndex.openSealed(disk, FILE, 1000, cache));
  }

  @Test
  void aFullDiskIsAnExceptionAndNotASignal() throws Exception {
    OffsetIndex index = OffsetIndex.openActive(disk, FILE, 1000, 1 << 16);
    disk.limitCapacity(0);

    assertThrows(DiskFullException.class, () -> index.append(1001, 1));

    disk.healWrites();
    index.append(1001, 1);
    assertEquals(at(1001, 1), index.last());
  }

  @Test
  void sealedLookupsHoldNoFileAndReadEachBlockOnce() throws Exception {
    OffsetIndex index = OffsetIndex.openActive(disk, FILE, 1000, 1 << 20);
    for (int i = 1; i <= 100_000; i++) {
      index.append(1000 + i * 3L, i);
    }
    index.seal(cache);
    assertEquals(at(1000 + 3 * 77_777L, 77_777), index.lookup(1001 + 3 * 77_777L));
    long held = cache.bytes();

    disk.delete(FILE);

    assertEquals(at(1000 + 3 * 77_777L, 77_777), index.lookup(1002 + 3 * 77_777L));
    assertEquals(held, cache.bytes());
    assertThrows(StorageException.class, () -> index.lookup(1000 + 3));
    assertEquals(100_000, index.entries());
  }

  @Test
  void theCacheStaysWithinItsBytes() throws Exception {
    IndexCache small = new IndexCache(20_000);
    OffsetIndex index = OffsetIndex.openActive(disk, FILE, 1000, 1 << 20);
    for (int i = 1; i <= 50_000; i++) {
      index.append(1000 + i, i);
    }
    index.seal(small);
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      int wanted = 1 + random.nextInt(50_000);
      assertEquals(at(1000 + wanted, wanted), index.lookup(1000 + wanted));
      assertTrue(small.bytes() <= 20_000);
    }
    assertTrue(small.bytes() > 10_000);
  }

  @Test
  void aClosedIndexRefusesLookups() throws Exception {
    OffsetIndex index = active();
    index.append(1001, 1);
    index.close();
    index.close();

    assertThrows(IllegalStateException.class, () -> index.lookup(1001));
    assertThrows(IllegalStateException.class, () -> index.append(1002, 2));
    assertEquals(0, index.entries());
  }

  /** Against a sorted map, active and sealed, with truncations. */
  @Test
  void findsTheFloorOfEveryOffset() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    TreeMap<Long, Integer> model = new TreeMap<>(Map.of(1000L, 0));
    OffsetIndex index = OffsetIndex.openActive(disk, FILE, 1000, 1 << 20);
    long offset = 1000;
    int position = 0;
    for (int step = 0; step < 5_000; step++) {
      if (random.nextInt(50) == 0) {
        long cut = 1001 + random.nextLong(offset - 999);
        index.truncateTo(cut);
        model.tailMap(cut, true).clear();
        offset = model.lastKey();
        position = model.lastEntry().getValue();
      } else {
        offset += 1 + random.nextInt(1_000);
        position += 1 + random.nextInt(10_000);
        index.append(offset, position);
        model.put(offset, position);
      }
      long wanted = 1000 + random.nextLong(offset - 900);
      Map.Entry<Long, Integer> floor = model.floorEntry(wanted);
      assertEquals(at(floor.getKey(), floor.getValue()), index.lookup(wanted), "seed " + seed);
    }
    index.seal(cache);
    index.sanityCheck();
    for (long wanted = 1000; wanted < offset + 1_000; wanted += 1 + random.nextInt(500)) {
      Map.Entry<Long, Integer> floor = model.floorEntry(wanted);
      assertEquals(at(floor.getKey(), floor.getValue()), index.lookup(wanted), "seed " + seed);
    }
  }

  /** A page of the mapping that is not there is what a dying disk looks like. */
  @Test
  void anUnreadablePageIsAStorageFailureAndNotTheEndOfTheProcess(@TempDir Path directory)
      throws Exception {
    Path path = directory.resolve("0.index");
    OffsetIndex index = OffsetIndex.openActive(Disks.local(), path, 0, 1 << 20);
    for (int i = 1; i <= 10_000; i++) {
      index.append(i, i);
    }
    try (DiskFile other = Disks.local().open(path, OpenMode.READ_WRITE)) {
      other.truncate(0);
    }

    assertThrows(StorageException.class, () -> index.lookup(5_000));
    index.delete();
  }

  /** On the real disk: the mapping goes and the file is cut while others look things up. */
  @Test
  @Timeout(60)
  void readersSurviveSealingUnderThem(@TempDir Path directory) throws Exception {
    try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
      for (int round = 0; round < 8; round++) {
        Path path = directory.resolve(round + ".index");
        OffsetIndex index = OffsetIndex.openActive(Disks.local(), path, 0, 1 << 20);
        for (int i = 1; i <= 2_000; i++) {
          index.append(i, i);
        }
        CountDownLatch started = new CountDownLatch(3);
        CountDownLatch sealed = new CountDownLatch(1);
        Future<?>[] results = new Future<?>[3];
        for (int reader = 0; reader < 3; reader++) {
          int first = reader;
          results[reader] =
              readers.submit(() -> {
                started.countDown();
                for (int i = first; sealed.getCount() > 0 || i < 500; i++) {
                  int wanted = 1 + i % 2_000;
                  assertEquals(at(wanted, wanted), index.lookup(wanted));
                }
                return null;
              });
        }
        started.await();
        index.seal(cache);
        sealed.countDown();
        for (Future<?> result : results) {
          result.get(30, TimeUnit.SECONDS);
        }
        try (DiskFile file = Disks.local().open(path, OpenMode.READ)) {
          assertEquals(16_000, file.size());
        }
        index.close();
      }
    }
  }
}
