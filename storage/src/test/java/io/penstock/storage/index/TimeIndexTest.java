package io.penstock.storage.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The time index, against bytes of Kafka's own and a sorted map. */
class TimeIndexTest {
  private static final Path DIRECTORY = Path.of("/data/topic-0");
  private static final Path FILE = DIRECTORY.resolve("00000000000000001000.timeindex");

  /** Written by TimeIndex of Kafka 4.4.0. */
  private static final String GOLDEN = "0000018bcfe5687b000000050000018bcfe56be70000000a";

  private final FakeDisk disk = new FakeDisk(1);
  private final IndexCache cache = new IndexCache(1 << 20);

  @BeforeEach
  void createDirectory() throws StorageException {
    disk.createDirectories(DIRECTORY);
  }

  private TimeIndex active() throws StorageException {
    return TimeIndex.openActive(disk, FILE, 1000, 1 << 16);
  }

  @Test
  void writesTheBytesThatKafkaWrites() throws Exception {
    TimeIndex index = active();
    assertTrue(index.append(1_700_000_000_123L, 1005));
    assertTrue(index.append(1_700_000_000_999L, 1010));

    index.seal(cache);

    assertArrayEquals(HexFormat.of().parseHex(GOLDEN), disk.readSmall(FILE, 100));
  }

  @Test
  void readsWhatKafkaWroteActiveOrSealed() throws Exception {
    disk.writeAtomically(FILE, HexFormat.of().parseHex(GOLDEN));
    try (TimeIndex sealed = TimeIndex.openSealed(disk, FILE, 1000, cache)) {
      assertFinds(sealed);
    }
    try (TimeIndex again = active()) {
      assertFinds(again);
    }
  }

  private static void assertFinds(TimeIndex index) throws StorageException {
    index.sanityCheck();
    assertEquals(new TimeEntry(-1, 1000), index.lookup(1_700_000_000_122L));
    assertEquals(new TimeEntry(1_700_000_000_123L, 1005), index.lookup(1_700_000_000_123L));
    assertEquals(new TimeEntry(1_700_000_000_123L, 1005), index.lookup(1_700_000_000_998L));
    assertEquals(new TimeEntry(1_700_000_000_999L, 1010), index.lookup(Long.MAX_VALUE));
    assertEquals(new TimeEntry(1_700_000_000_999L, 1010), index.last());
  }

  @Test
  void takesOnlyTimestampsThatGrow() throws Exception {
    TimeIndex index = active();

    assertFalse(index.append(-1, 1000));
    assertTrue(index.append(50, 1003));
    assertFalse(index.append(50, 1009));
    assertFalse(index.append(49, 1010));
    assertTrue(index.append(51, 1003));
    assertThrows(IllegalArgumentException.class, () -> index.append(60, 1002));
    assertThrows(IllegalArgumentException.class, () -> index.append(60, 999));
    assertThrows(IllegalArgumentException.class, () -> index.append(60, 1001L + Integer.MAX_VALUE));
    assertEquals(new TimeEntry(51, 1003), index.last());
    assertEquals(2, index.entries());
  }

  @Test
  void keepsASlotForTheSegmentsLastEntry() throws Exception {
    TimeIndex index = TimeIndex.openActive(disk, FILE, 1000, 36);
    index.append(1, 1001);
    assertFalse(index.isFull());
    index.append(2, 1002);
    assertTrue(index.isFull());

    assertTrue(index.append(3, 1003));

    assertThrows(IllegalStateException.class, () -> index.append(4, 1004));
  }

  @Test
  void truncatesByOffset() throws Exception {
    TimeIndex index = active();
    for (int i = 1; i <= 10; i++) {
      index.append(i * 100L, 1000 + i * 10L);
    }

    index.truncateTo(1055);
    assertEquals(new TimeEntry(500, 1050), index.last());
    index.truncateTo(1050);
    assertEquals(new TimeEntry(400, 1040), index.last());
    assertTrue(index.append(450, 1041));
    index.truncateTo(0);
    assertEquals(new TimeEntry(-1, 1000), index.last());
  }

  @Test
  void sanityCheckFindsDisorder() throws Exception {
    ByteBuffer entries = ByteBuffer.allocate(24);
    entries.putLong(100).putInt(5).putLong(99).putInt(7);
    disk.writeAtomically(FILE, entries.array());
    assertThrows(CorruptFileException.class, () -> active().sanityCheck());
    entries.putLong(12, 101).putInt(20, 4);
    disk.writeAtomically(FILE, entries.array());
    assertThrows(CorruptFileException.class, () -> active().sanityCheck());
    entries.putInt(20, 5);
    disk.writeAtomically(FILE, entries.array());
    active().sanityCheck();
  }

  @Test
  void findsTheFloorOfEveryTimestamp() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    TreeMap<Long, Long> model = new TreeMap<>(Map.of(-1L, 1000L));
    TimeIndex index = TimeIndex.openActive(disk, FILE, 1000, 1 << 20);
    long time = 0;
    long offset = 1000;
    for (int step = 0; step < 3_000; step++) {
      time += random.nextInt(5);
      offset += random.nextInt(100);
      if (index.append(time, offset)) {
        model.put(time, offset);
      }
      long wanted = random.nextLong(time + 10);
      Map.Entry<Long, Long> floor = model.floorEntry(wanted);
      assertEquals(
          new TimeEntry(floor.getKey(), floor.getValue()), index.lookup(wanted), "seed " + seed);
    }
    index.seal(cache);
    for (long wanted = -1; wanted < time + 5; wanted++) {
      Map.Entry<Long, Long> floor = model.floorEntry(wanted);
      assertEquals(
          new TimeEntry(floor.getKey(), floor.getValue()), index.lookup(wanted), "seed " + seed);
    }
  }
}
