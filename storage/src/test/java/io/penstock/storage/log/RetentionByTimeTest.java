package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Retention by time, exact to the batch. */
class RetentionByTimeTest {
  private static final long RETENTION_MS = 1_000;

  private LogFixture fixture;
  private PartitionLog log;

  @BeforeEach
  void setUp() throws StorageException {
    fixture = new LogFixture(new FakeDisk(1));
    log = fixture.create(LogFixture.settings(1 << 20, RETENTION_MS, -1));
  }

  private void append(long timestampMs, int records) throws StorageException {
    fixture.append(log, TestBatch.ofRecords(records).timestamps(timestampMs, timestampMs).build());
    log.recordHighWatermark(log.logEndOffset());
  }

  private void retain(long nowMs) throws StorageException {
    log.applyRetention(nowMs, log.recordedHighWatermark());
    fixture.work.runAll();
  }

  @Test
  void theStartMovesWithinTheActiveSegment() throws StorageException {
    append(10_000, 2);
    append(10_500, 3);
    append(11_000, 1);

    retain(11_001);
    assertEquals(2, log.logStartOffset());
    assertEquals(List.of(2L, 5L), LogFixture.offsets(log));
    assertEquals(1, log.segmentCount());

    retain(11_500);
    assertEquals(2, log.logStartOffset(), "exactly as old as it may be");
    retain(11_501);
    assertEquals(5, log.logStartOffset());
  }

  @Test
  void everythingGoesWhenAllIsOldAndTheSegmentFollows() throws StorageException {
    append(10_000, 2);
    append(10_500, 3);

    retain(11_501);

    assertEquals(5, log.logStartOffset());
    assertEquals(0, log.sizeBytes());
  }

  @Test
  void neverPassesTheHighWatermark() throws StorageException {
    append(10_000, 2);
    append(10_500, 3);
    log.recordHighWatermark(2);

    retain(20_000);

    assertEquals(2, log.logStartOffset());
  }

  @Test
  void stopsAtTheFirstYoungBatchThoughOlderOnesFollow() throws StorageException {
    append(10_000, 1);
    append(12_000, 1);
    append(10_000, 1);

    retain(12_500);

    assertEquals(1, log.logStartOffset());
  }

  @Test
  void aBatchWithoutATimeIsAsYoungAsTheYoungestOfItsSegment() throws StorageException {
    append(10_000, 1);
    append(-1, 2);
    for (int i = 0; i < 20; i++) {
      append(10_500, 1);
    }
    append(11_000, 1);

    retain(11_600);
    assertEquals(1, log.logStartOffset(), "what is before it goes, it stays");

    retain(12_001);
    assertEquals(log.logEndOffset(), log.logStartOffset());
  }

  @Test
  void aNewSettingIsTakenAtTheNextLook() throws StorageException {
    append(10_000, 1);
    append(10_900, 1);
    retain(11_000);
    assertEquals(0, log.logStartOffset());

    log.updateSettings(LogFixture.settings(1 << 20, 200, -1));
    retain(11_000);

    assertEquals(1, log.logStartOffset());
  }
}
