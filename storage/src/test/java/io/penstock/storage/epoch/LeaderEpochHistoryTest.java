package io.penstock.storage.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The epochs of a log, their answers to other replicas, and their file. */
class LeaderEpochHistoryTest {
  private static final Path DIRECTORY = Path.of("/data/topic-0");
  private static final Path FILE = DIRECTORY.resolve("leader-epoch-checkpoint");

  private final FakeDisk disk = new FakeDisk(1);

  @BeforeEach
  void createDirectory() throws StorageException {
    disk.createDirectories(DIRECTORY);
    disk.syncDirectory(DIRECTORY);
  }

  private LeaderEpochHistory history(long... epochsAndStarts) throws StorageException {
    LeaderEpochHistory history = LeaderEpochHistory.empty(disk, DIRECTORY);
    for (int i = 0; i < epochsAndStarts.length; i += 2) {
      history.assign((int) epochsAndStarts[i], epochsAndStarts[i + 1]);
    }
    return history;
  }

  @Test
  void anUnknownHistoryAnswersUnknown() throws Exception {
    LeaderEpochHistory history = LeaderEpochHistory.open(disk, DIRECTORY);

    assertEquals(OptionalInt.empty(), history.latestEpoch());
    assertEquals(EpochEnd.UNKNOWN, history.endOffsetFor(0, 10));
    assertEquals(-1, history.epochAt(5));
  }

  @Test
  void answersWhereAnEpochEnds() throws Exception {
    LeaderEpochHistory history = history(2, 10, 4, 20, 7, 35);

    assertEquals(new EpochEnd(7, 50), history.endOffsetFor(7, 50));
    assertEquals(new EpochEnd(4, 35), history.endOffsetFor(4, 50));
    assertEquals(new EpochEnd(4, 35), history.endOffsetFor(6, 50));
    assertEquals(new EpochEnd(2, 20), history.endOffsetFor(3, 50));
    assertEquals(new EpochEnd(1, 10), history.endOffsetFor(1, 50));
    assertEquals(EpochEnd.UNKNOWN, history.endOffsetFor(8, 50));
    assertEquals(EpochEnd.UNKNOWN, history.endOffsetFor(-1, 50));
  }

  @Test
  void knowsTheEpochOfEachOffset() throws Exception {
    LeaderEpochHistory history = history(2, 10, 4, 20);

    assertEquals(-1, history.epochAt(9));
    assertEquals(2, history.epochAt(10));
    assertEquals(2, history.epochAt(19));
    assertEquals(4, history.epochAt(20));
    assertEquals(4, history.epochAt(1_000_000));
  }

  @Test
  void assigningTheLatestEpochAgainKeepsItsStart() throws Exception {
    LeaderEpochHistory history = history(2, 10);

    assertFalse(history.assign(2, 30));
    assertFalse(history.assign(2, 10));

    assertEquals(List.of(new EpochStart(2, 10)), history.entries());
    assertEquals(OptionalInt.of(2), history.latestEpoch());
  }

  @Test
  void assigningRemovesWhatContradictsIt() throws Exception {
    LeaderEpochHistory history = history(2, 10, 4, 20, 7, 35);

    assertTrue(history.assign(8, 20));
    assertEquals(List.of(new EpochStart(2, 10), new EpochStart(8, 20)), history.entries());
    assertTrue(history.assign(3, 40));
    assertEquals(List.of(new EpochStart(2, 10), new EpochStart(3, 40)), history.entries());
    assertThrows(IllegalArgumentException.class, () -> history.assign(-1, 50));
  }

  @Test
  void truncatesFromBothEnds() throws Exception {
    LeaderEpochHistory history = history(2, 10, 4, 20, 7, 35);

    history.truncateFromEnd(36);
    assertEquals(3, history.entries().size());
    history.truncateFromEnd(35);
    assertEquals(List.of(new EpochStart(2, 10), new EpochStart(4, 20)), history.entries());
    history.truncateFromStart(10);
    assertEquals(List.of(new EpochStart(2, 10), new EpochStart(4, 20)), history.entries());
    history.truncateFromStart(15);
    assertEquals(List.of(new EpochStart(2, 15), new EpochStart(4, 20)), history.entries());
    history.truncateFromStart(99);
    assertEquals(List.of(new EpochStart(4, 99)), history.entries());
    history.truncateFromStart(5);
    assertEquals(List.of(new EpochStart(4, 99)), history.entries());
    history.clear();
    assertEquals(List.of(), history.entries());
  }

  @Test
  void writesTheFileThatKafkaWrites() throws Exception {
    LeaderEpochHistory history = history(0, 0, 3, 100);

    history.flush();

    String text = new String(disk.readSmall(FILE, 100), StandardCharsets.UTF_8);
    assertEquals("0\n2\n0 0\n3 100\n", text);
    assertEquals(history.entries(), LeaderEpochHistory.open(disk, DIRECTORY).entries());
  }

  @Test
  void touchesTheDiskOnlyWhenFlushedAndOnlyWhenChanged() throws Exception {
    LeaderEpochHistory history = history(0, 0);
    assertFalse(disk.exists(FILE));
    history.flush();
    long operations = disk.operations();

    history.flush();
    history.assign(0, 7);
    history.flush();

    assertEquals(operations, disk.operations());
  }

  @Test
  void aFailedFlushIsTriedAgain() throws Exception {
    LeaderEpochHistory history = history(0, 0);
    disk.failWritesFrom(1);
    assertThrows(StorageException.class, history::flush);
    disk.healWrites();

    history.flush();

    assertEquals(history.entries(), LeaderEpochHistory.open(disk, DIRECTORY).entries());
  }

  @Test
  void refusesFilesThatAreNotAHistory() throws Exception {
    for (String text :
        List.of(
            "1\n0\n",
            "0\n1\n",
            "0\n1\n0 0\n1 1\n",
            "0\nx\n",
            "0\n1\n00\n",
            "0\n1\n0 \n",
            "0\n1\n0 0 0\n",
            "0\n1\n-1 0\n",
            "0\n2\n1 5\n1 6\n",
            "0\n2\n1 5\n2 5\n")) {
      disk.writeAtomically(FILE, text.getBytes(StandardCharsets.UTF_8));
      assertThrows(
          CorruptFileException.class, () -> LeaderEpochHistory.open(disk, DIRECTORY), text);
    }
    disk.writeAtomically(FILE, new byte[0]);
    assertEquals(List.of(), LeaderEpochHistory.open(disk, DIRECTORY).entries());
  }

  /** Against a plain list of the epoch of every offset. */
  @Test
  void agreesWithTheEpochsOfTheRecordsThemselves() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    LeaderEpochHistory history = LeaderEpochHistory.empty(disk, DIRECTORY);
    List<Integer> records = new ArrayList<>();
    int epoch = 0;
    for (int step = 0; step < 3_000; step++) {
      switch (random.nextInt(8)) {
        case 0 -> epoch += 1 + random.nextInt(3);
        case 1 -> {
          int end = records.size() - random.nextInt(Math.min(5, records.size() + 1));
          records.subList(end, records.size()).clear();
          history.truncateFromEnd(end);
        }
        default -> {
          history.assign(epoch, records.size());
          records.add(epoch);
        }
      }
      for (int at = Math.max(0, records.size() - 20); at < records.size(); at++) {
        assertEquals(records.get(at), history.epochAt(at), "seed " + seed);
      }
      if (!records.isEmpty()) {
        int asked = records.get(random.nextInt(records.size()));
        long end = records.lastIndexOf(asked) + 1L;
        EpochEnd answer = history.endOffsetFor(asked, records.size());
        assertEquals(new EpochEnd(asked, end), answer, "seed " + seed);
      }
    }
  }
}
