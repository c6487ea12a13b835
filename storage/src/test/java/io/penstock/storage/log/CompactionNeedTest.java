package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.KeyedBatch;
import io.penstock.storage.compact.CompactionNeed;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a log is worth cleaning, when its active segment ends for it, and what it takes in. */
class CompactionNeedTest {
  private CompactionFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    fixture = new CompactionFixture(new FakeDisk(1));
  }

  private CompactionNeed need() throws StorageException {
    return fixture.log.compactionNeed(fixture.fixture.nowMs.get());
  }

  private void change(LogSettingsBuilder settings) {
    fixture.log.updateSettings(settings.build());
  }

  @Test
  void isDueByTheShareOfWhatIsDirty() throws StorageException {
    CompactionSettings half = new CompactionSettings(0.5, 0, Long.MAX_VALUE, 0);
    fixture.roll();
    assertTrue(need().isDue(half));
    assertEquals(1.0, need().dirtyRatio());
    fixture.appendRandom(new Random(1), 100, 1_000);
    fixture.clean();

    fixture.roll();

    assertTrue(need().dirtyRatio() > 0 && need().dirtyRatio() < 0.5, "" + need());
    assertFalse(need().isDue(half));
  }

  @Test
  void isDueWhenTheOldestRecordHasWaitedForTheMaximumLag() throws StorageException {
    CompactionSettings lag = new CompactionSettings(1.0, 0, 5_000, 0);
    change(LogSettingsBuilder.from(fixture.settings).compaction(lag));
    fixture.put("a", "1");
    assertFalse(need().isDue(lag));

    fixture.fixture.nowMs.addAndGet(5_001);
    need();
    fixture.fixture.work.runAll();

    assertEquals(2, fixture.log.segmentCount(), "an idle active segment ends by itself");
    assertTrue(need().isDue(lag));
  }

  @Test
  void aRestartDoesNotMakeYoungWhatWaitsForTheMaximumLag() throws StorageException {
    CompactionSettings lag = new CompactionSettings(1.0, 0, 5_000, 0);
    fixture.settings = LogSettingsBuilder.from(fixture.settings).compaction(lag).build();
    fixture.reopenWithSettings();
    fixture.put("a", "1");

    for (int start = 1; start <= 3; start++) {
      need();
      assertEquals(1, fixture.log.segmentCount(), "start " + start);
      fixture.fixture.nowMs.addAndGet(2_000);
      fixture.reopenWithSettings();
    }
    need();

    assertEquals(2, fixture.log.segmentCount());
  }

  @Test
  void oldRecordsThatAreCopiedBehindACutAreNotOverdueAtOnce() throws StorageException {
    CompactionSettings lag = new CompactionSettings(1.0, 0, 5_000, 0);
    fixture.settings = LogSettingsBuilder.from(fixture.settings).compaction(lag).build();
    fixture.put("a", "1");
    fixture.put("a", "2");
    fixture.put("a", "3");
    fixture.put("a", "4");
    fixture.reopenWithSettings();
    fixture.log.truncateTo(1);
    fixture.fixture.nowMs.addAndGet(5_001);
    need();
    assertEquals(2, fixture.log.segmentCount(), "what was there before the start is overdue");

    fixture.append(KeyedBatch.at(5).record("a", "2"));
    need();

    assertEquals(2, fixture.log.segmentCount());
  }

  @Test
  void anIdleSegmentEndsByItsAge() throws StorageException {
    change(LogSettingsBuilder.from(fixture.settings).segmentMs(1_000));
    fixture.put("a", "1");
    fixture.fixture.nowMs.addAndGet(1_001);

    need();

    assertEquals(2, fixture.log.segmentCount());
  }

  @Test
  void aSegmentOfReplayedRecordsIsNotOldAtOnce() throws StorageException {
    change(LogSettingsBuilder.from(fixture.settings).segmentMs(1_000));
    fixture.append(KeyedBatch.at(5).record("a", "1"));
    fixture.fixture.nowMs.addAndGet(1_000);

    need();

    assertEquals(1, fixture.log.segmentCount());
    fixture.fixture.nowMs.addAndGet(1);
    need();
    assertEquals(2, fixture.log.segmentCount());
  }

  @Test
  void aLargeActiveSegmentOfALogThatIsSmallElseEndsEarly() throws StorageException {
    change(
        LogSettingsBuilder.from(fixture.settings)
            .segmentBytes(100 << 20)
            .compaction(CompactionSettings.DEFAULT));
    while (fixture.log.sizeBytes() <= LogCompactor.EARLY_ROLL_BYTES) {
      KeyedBatch batch = KeyedBatch.at(fixture.fixture.nowMs.get());
      for (int i = 0; i < 100; i++) {
        batch.record("a", "x".repeat(1_000));
      }
      fixture.append(batch);
    }
    need();
    assertEquals(1, fixture.log.segmentCount(), "nobody misses a record of the last minute");

    fixture.fixture.nowMs.addAndGet(LogCompactor.EARLY_ROLL_MS + 1);
    need();

    assertEquals(2, fixture.log.segmentCount());
  }

  @Test
  void refusesRecordsWithoutAKey() throws StorageException {
    AppendOutcome.Rejected refused =
        assertInstanceOf(
            AppendOutcome.Rejected.class,
            fixture.log.appendAsLeader(
                KeyedBatch.at(5).record("a", "1").record(null, "2").build(), 0, 5));

    assertEquals(AppendError.INVALID_RECORD, refused.error());
    assertEquals(0, fixture.log.logEndOffset());
  }

  @Test
  void truncationTakesTheCleanedEndAlong() throws StorageException {
    fixture.put("a", "1");
    fixture.put("a", "2");
    fixture.roll();
    fixture.clean();
    assertTrue(fixture.log.cleanedTo() > 2);

    fixture.log.truncateTo(2);

    assertEquals(2, fixture.log.cleanedTo());
  }

  @Test
  void theCleanedEndIsWrittenDownBeforeWhatWasCleanedIsCut() throws StorageException {
    fixture.put("a", "1");
    fixture.put("a", "2");
    fixture.roll();
    fixture.clean();
    List<Long> written = new ArrayList<>();
    fixture.log.whenMovedBack(() -> {
      written.add(fixture.log.cleanedTo());
      written.add(fixture.log.logEndOffset());
    });
    long end = fixture.log.logEndOffset();

    fixture.log.truncateTo(2);

    assertEquals(List.of(2L, end), written);
  }
}
