package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.KeyedBatch;
import io.penstock.storage.batch.KeyedBatch.Read;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.CompactionNeed;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What compaction leaves of a log, and what it leaves alone. */
class LogCompactionTest {
  private CompactionFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    fixture = new CompactionFixture(new FakeDisk(1));
  }

  private List<String> keys() throws StorageException {
    return fixture.readAll().stream()
        .filter(read -> !"filler".equals(read.key()))
        .filter(read -> !isMarker(read))
        .map(read -> read.key() + "=" + read.value() + "@" + read.offset())
        .toList();
  }

  private static boolean isMarker(Read read) {
    return read.key() != null && read.key().startsWith("\0\0\0");
  }

  @Test
  void keepsTheLastValueOfEachKeyAtItsOffset() throws StorageException {
    fixture.put("a", "1");
    fixture.put("b", "1");
    fixture.append(KeyedBatch.at(5).record("a", "2").record("c", "1").record("a", "3"));
    fixture.roll();

    assertTrue(fixture.clean());

    assertEquals(List.of("b=1@1", "c=1@3", "a=3@4"), keys());
  }

  @Test
  void whatIsWrittenIsPaidForLikeWhatIsRead() throws StorageException {
    Throttle throttle =
        new Throttle(1_000_000_000, () -> 0); // a byte a nanosecond, by a still clock
    fixture.tools = CompactionFixture.tools(throttle, 1 << 20);
    fixture.put("a", "1");
    fixture.put("b", "1");
    fixture.roll();
    CleaningTotals totals = new CleaningTotals();

    fixture.clean(totals);

    assertTrue(totals.bytesKept > 0);
    assertEquals(totals.bytesRead + totals.bytesKept, throttle.debtNs(0));
  }

  @Test
  void leavesTheActiveSegmentAlone() throws StorageException {
    fixture.put("a", "1");
    fixture.put("a", "2");

    assertFalse(fixture.clean());

    assertEquals(List.of("a=1@0", "a=2@1"), keys());
  }

  @Test
  void removesWhatLaterSegmentsOverwrite() throws StorageException {
    fixture.put("a", "1");
    fixture.put("b", "1");
    fixture.roll();
    fixture.clean();
    fixture.put("a", "2");
    fixture.roll();

    fixture.clean();

    assertEquals(List.of("b=1", "a=2"), keys().stream().map(each -> each.substring(0, 3)).toList());
  }

  @Test
  void keepsWhatIsNotCommitted() throws StorageException {
    fixture.put("a", "1");
    fixture.put("a", "2");
    fixture.roll();
    fixture.log.recordHighWatermark(1);

    assertFalse(fixture.clean());
  }

  @Test
  void removesATombstoneOnlyWhenItsTimeHasCome() throws StorageException {
    fixture.put("a", "1");
    fixture.put("a", null);
    fixture.roll();

    fixture.clean();
    assertEquals(List.of("a=null@1"), keys());
    Read tombstone = fixture.readAll().getFirst();
    assertEquals(1_000_000, tombstone.timestampMs(), "its own time, not the horizon");

    fixture.fixture.nowMs.addAndGet(CompactionFixture.TOMBSTONE_MS - 1);
    fixture.roll();
    fixture.clean();
    assertEquals(List.of("a=null@1"), keys());

    fixture.fixture.nowMs.addAndGet(1);
    fixture.roll();
    fixture.clean();
    assertEquals(List.of(), keys());
  }

  @Test
  void looksForTombstonesInTheCleanPartOnlyWhenOneIsDue() throws StorageException {
    fixture.put("a", null);
    fixture.put("b", "1");
    fixture.roll();
    fixture.clean();

    for (int dueTombstones = 0; dueTombstones <= 1; dueTombstones++) {
      fixture.roll();
      CompactionNeed before = fixture.log.compactionNeed(fixture.fixture.nowMs.get());
      CleaningTotals totals = new CleaningTotals();
      fixture.clean(totals);

      assertTrue(before.cleanBytes() > 0);
      assertEquals(
          2 * before.dirtyBytes() + (1 + dueTombstones) * before.cleanBytes(), totals.bytesRead);
      fixture.fixture.nowMs.addAndGet(CompactionFixture.TOMBSTONE_MS);
    }
    assertEquals(List.of("b=1@1"), keys());
  }

  @Test
  void tombstonesThatAreDueTakeNoMemoryFromKeysThatAreDirty() throws StorageException {
    for (int i = 0; i < 40; i++) {
      fixture.put("gone" + i, null);
    }
    fixture.roll();
    fixture.clean();
    fixture.fixture.nowMs.addAndGet(CompactionFixture.TOMBSTONE_MS);
    for (int i = 0; i < 100; i++) {
      fixture.put("k" + i, "v");
    }
    fixture.roll();
    fixture.tools = CompactionFixture.tools(fixture.throttle, 24 * 32);

    int rounds = 0;
    while (fixture.clean()) {
      rounds++;
    }

    assertEquals(4, rounds);
    assertTrue(tombstones() > 0, "there was room for few of them");
    for (int i = 0; i < 2; i++) {
      fixture.roll();
      fixture.clean();
    }
    assertEquals(0, tombstones());
    assertEquals(100, keys().size());
  }

  private long tombstones() throws StorageException {
    return fixture.readAll().stream().filter(read -> read.value() == null).count();
  }

  @Test
  void leavesRecordsAloneThatAreYoungerThanTheMinimumLag() throws StorageException {
    fixture.log.updateSettings(
        LogSettingsBuilder.from(fixture.settings)
            .compaction(new CompactionSettings(0, 1_000, Long.MAX_VALUE, 0))
            .build());
    fixture.put("a", "1");
    fixture.put("a", "2");
    fixture.roll();
    assertFalse(fixture.clean());

    fixture.fixture.nowMs.addAndGet(1_000);

    assertTrue(fixture.clean());
    assertEquals(List.of("a=2@1"), keys());
  }

  @Test
  void keepsTheLastSequenceOfAProducerWhoseRecordsWereOverwritten() throws StorageException {
    fixture.append(KeyedBatch.at(5).record("a", "1").producer(9, 0, 0));
    fixture.append(KeyedBatch.at(5).record("a", "2").record("b", "1").producer(9, 0, 1));
    fixture.put("a", "3");
    fixture.put("b", "3");
    fixture.roll();
    fixture.clean();
    assertEquals(List.of("a=3@3", "b=3@4"), keys());
    fixture.log.close();

    fixture.log =
        fixture.fixture.reopen(
            fixture.settings, new LogOffsets(0, fixture.log.logEndOffset(), 0), true);

    ByteBuffer again = KeyedBatch.at(5).record("a", "2").record("b", "1").producer(9, 0, 1).build();
    assertInstanceOf(AppendOutcome.Duplicate.class, fixture.log.appendAsLeader(again, 0, 1));
    List<Long> bases = LogFixture.offsets(fixture.log);
    assertEquals(List.of(1L, 3L, 4L), bases.subList(0, 3), "the empty batch is there");
  }

  @Test
  void mergesSmallSegmentsAndLosesEmptyOnes() throws StorageException {
    for (int i = 0; i < 20; i++) {
      fixture.put("a", "" + i);
      fixture.roll();
    }
    assertEquals(21, fixture.log.segmentCount());

    fixture.clean();
    fixture.put("a", "last");
    fixture.roll();
    fixture.clean();

    assertTrue(fixture.log.segmentCount() <= 4, "segments: " + fixture.log.segmentCount());
    assertEquals(0, fixture.log.logStartOffset());
  }

  @Test
  void keepsTheEndOfWhatItCleanedSoThatACopyComesToTheEnd() throws StorageException {
    fixture.append(KeyedBatch.at(5).record("a", "1"));
    fixture.roll();
    long active = fixture.log.logEndOffset() - 1;
    fixture.append(KeyedBatch.at(5).record("filler", "y"));

    fixture.clean();

    List<Long> bases = LogFixture.offsets(fixture.log, 0, active);
    assertEquals(active - 1, bases.getLast());
  }

  @Test
  void cleansInRoundsWhereKeysDoNotFitIntoMemory() throws StorageException {
    fixture.tools = CompactionFixture.tools(fixture.throttle, 24 * 100);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 300; i++) {
        fixture.put("k" + i, "v" + round);
      }
    }
    fixture.roll();

    int rounds = 0;
    while (fixture.clean()) {
      rounds++;
    }

    assertTrue(rounds > 3, "rounds: " + rounds);
    List<Read> left = fixture.readAll();
    Map<String, Long> count = new HashMap<>();
    left.forEach(read -> count.merge(read.key(), 1L, Long::sum));
    for (int i = 0; i < 300; i++) {
      assertEquals(1, count.get("k" + i), "k" + i);
    }
  }

  @Test
  void removesAbortedRecordsAndTheirMarkerLater() throws StorageException {
    fixture.append(KeyedBatch.at(5).record("a", "1"));
    fixture.append(KeyedBatch.at(5).record("a", "2").producer(7, 0, 0).transactional());
    marker(2, false);
    fixture.roll();
    LogSegmentAccess.appendAborted(fixture.log, 7, 1, 2);
    // Else the header of its last batch stays, and the marker with it.
    LogSegmentAccess.forgetProducers(fixture.log);

    fixture.clean();
    assertEquals(List.of("a=1@0"), keys());
    assertEquals(1, markers(), "the marker stays as long as there were records before it");

    fixture.roll();
    fixture.clean();
    assertEquals(1, markers(), "now it has its time");
    fixture.fixture.nowMs.addAndGet(CompactionFixture.TOMBSTONE_MS + 1);
    fixture.roll();
    fixture.clean();
    assertEquals(0, markers());
  }

  @Test
  void whatAProducerCommitsAfterAnAbortThatWasCleanedOverwrites() throws StorageException {
    fixture.append(KeyedBatch.at(5).record("a", "1"));
    fixture.append(KeyedBatch.at(5).record("a", "2").producer(7, 0, 0).transactional());
    marker(2, false);
    fixture.roll();
    LogSegmentAccess.appendAborted(fixture.log, 7, 1, 2);
    fixture.clean();
    assertEquals(List.of("a=1@0"), keys());

    long next = fixture.append(KeyedBatch.at(5).record("a", "3").producer(7, 0, 1).transactional());
    marker(next + 1, true);
    fixture.roll();
    fixture.clean();

    assertEquals(List.of("a=3@" + next), keys());
  }

  private void marker(long offset, boolean commit) throws StorageException {
    ByteBuffer marker = io.penstock.storage.batch.TestBatch.marker(offset, 7, 0, commit, 0);
    assertInstanceOf(AppendOutcome.Appended.class, fixture.log.appendAsFollower(marker, 0));
    fixture.log.recordHighWatermark(fixture.log.logEndOffset());
  }

  private int markers() throws StorageException {
    int markers = 0;
    ByteBuffer bytes = LogFixture.read(fixture.log, 0, 1 << 20, fixture.log.logEndOffset(), true);
    for (int at = 0; bytes != null && at < bytes.limit(); ) {
      markers += RecordBatch.isControl(bytes, at) && RecordBatch.recordCount(bytes, at) > 0 ? 1 : 0;
      at += RecordBatch.sizeInBytes(bytes, at);
    }
    return markers;
  }

  @Test
  void leavesExactlyTheLastValuesInOrderWhateverWasWritten() throws StorageException {
    for (int seed = 0; seed < 50; seed++) {
      CompactionFixture run = new CompactionFixture(new FakeDisk(seed));
      Random random = new Random(seed);
      for (int round = 0; round < 4; round++) {
        run.appendRandom(random, 40, 1 + random.nextInt(40));
        run.clean(new CleaningTotals());
      }
      run.roll();
      run.clean();
      run.fixture.nowMs.addAndGet(CompactionFixture.TOMBSTONE_MS + 1);
      run.roll();
      run.clean();
      assertLastValues(run, "seed " + seed);
    }
  }

  /** Nothing below the cleaned end but the last record of each key, tombstones gone. */
  private static void assertLastValues(CompactionFixture run, String message)
      throws StorageException {
    long cleanedTo = run.log.cleanedTo();
    Map<String, Long> newest = new HashMap<>();
    List<Read> all = run.readAll();
    all.forEach(read -> newest.put(read.key(), read.offset()));
    long before = -1;
    for (Read read : all) {
      assertTrue(read.offset() > before, message);
      before = read.offset();
      if (read.offset() < cleanedTo) {
        assertTrue(
            read.offset() == newest.getOrDefault(read.key(), -1L)
                || newest.getOrDefault(read.key(), -1L) >= cleanedTo,
            () -> message + " old value " + read);
      }
    }
    run.last.forEach((key, last) -> {
      String value =
          all.stream()
              .filter(read -> key.equals(read.key()))
              .reduce((_, second) -> second)
              .map(Read::value)
              .orElse(null);
      assertEquals(last.value(), value, () -> message + " key " + key);
    });
  }
}
