package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A topic's settings that change while its log is open. */
class ChangedSettingsTest {
  private static final int ONE = batch(1).remaining();

  private LogFixture fixture;
  private PartitionLog log;

  @BeforeEach
  void setUp() throws StorageException {
    fixture = new LogFixture(new FakeDisk(1));
    log = fixture.create(settings(1 << 20));
    for (int i = 0; i < 4; i++) {
      fixture.append(log, batch(1));
    }
  }

  @Test
  void rollsAtTheNewSizeFromTheNextAppendOn() throws StorageException {
    assertEquals(1, log.segmentCount());

    log.updateSettings(settings(2 * ONE));
    for (int i = 0; i < 3; i++) {
      fixture.append(log, batch(1));
    }

    assertEquals(3, log.segmentCount());
    assertEquals(7, log.logEndOffset());
  }

  @Test
  void keepsNoLongerThanTheNewRetentionSays() throws StorageException {
    fixture.nowMs.addAndGet(10_000);
    assertEquals(0, log.applyRetention(fixture.nowMs.get(), 4));

    log.updateSettings(settings(1 << 20, 5_000, -1));

    assertEquals(1, log.applyRetention(fixture.nowMs.get(), 4));
    assertEquals(4, log.logStartOffset());
  }

  @Test
  void refusesWhatIsLargerThanTheNewBoundAndTakesWhatTheOldOneRefused() throws StorageException {
    log.updateSettings(LogSettingsBuilder.from(settings(1 << 20)).batchBytesMax(ONE).build());
    AppendOutcome refused = log.appendAsLeader(batch(9), 0, 1);
    assertEquals(
        AppendError.TOO_LARGE, assertInstanceOf(AppendOutcome.Rejected.class, refused).error());

    log.updateSettings(settings(1 << 20));

    assertInstanceOf(AppendOutcome.Appended.class, log.appendAsLeader(batch(9), 0, 1));
  }

  @Test
  void flushesAtTheNewInterval() throws StorageException {
    log.flushIfDue(fixture.nowMs.addAndGet(1_000));
    assertEquals(0, fixture.work.flushes());

    log.updateSettings(LogSettingsBuilder.from(settings(1 << 20)).flushMs(1_000).build());
    log.flushIfDue(fixture.nowMs.get());

    assertEquals(1, fixture.work.flushes());
  }
}
