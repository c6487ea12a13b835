package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches that were in flight together and are sent again after a restart. */
class ProducerReplayTest {
  private static final int BATCH_BYTES = of(9, 0).remaining();

  private FakeDisk disk;
  private LogFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    fixture = new LogFixture(disk);
  }

  private static ByteBuffer of(long producer, int sequence) {
    return TestBatch.ofRecords(1).producer(producer, 1, sequence).build();
  }

  private PartitionLog written(LogSettings settings) throws StorageException {
    PartitionLog log = fixture.create(settings);
    for (int sequence = 0; sequence < 8; sequence++) {
      fixture.append(log, of(9, sequence));
      fixture.append(log, of(10, sequence));
      fixture.work.runAll();
    }
    return log;
  }

  /** All of the last five are known with their offsets, and those before as stored. */
  private static void assertKnown(PartitionLog log, int sequences) throws StorageException {
    for (int sequence = 0; sequence < sequences; sequence++) {
      AppendOutcome.Duplicate duplicate =
          assertInstanceOf(
              AppendOutcome.Duplicate.class, log.appendAsLeader(of(9, sequence), 0, 1));
      boolean isRemembered = sequence >= sequences - 5;
      assertEquals(isRemembered ? 2L * sequence : -1, duplicate.firstOffset());
    }
  }

  @Test
  void retryOfAnOlderBatchInFlightIsKnownAfterACleanStop() throws StorageException {
    written(settings(1 << 20)).close();

    PartitionLog log = fixture.reopen(settings(1 << 20), new LogOffsets(0, 16, 16), true);

    assertKnown(log, 8);
    assertEquals(16, fixture.append(log, of(9, 8)));
  }

  @Test
  void retryOfAnOlderBatchInFlightIsKnownAfterACrashBehindASnapshot() throws StorageException {
    PartitionLog log = written(settings(13 * BATCH_BYTES));
    log.flush();
    disk.crash(Tearing.LOSE_ALL);
    fixture.work.forget();

    PartitionLog again =
        fixture.reopen(
            settings(13 * BATCH_BYTES), new LogOffsets(0, log.recoveryPoint(), 16), false);

    assertEquals(2, again.segmentCount());
    assertKnown(again, 8);
  }

  @Test
  void retryOfAnOlderBatchInFlightIsKnownAfterATruncation() throws StorageException {
    PartitionLog log = written(settings(1 << 20));
    log.close();
    PartitionLog again = fixture.reopen(settings(1 << 20), new LogOffsets(0, 16, 16), true);

    again.truncateTo(12);

    assertKnown(again, 6);
  }

  @Test
  void producerWhoseBatchesWentOnElsewhereKeepsWhatItsSnapshotSays() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, of(9, 0));
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 2, 0).build());
    log.close();

    PartitionLog again = fixture.reopen(settings(1 << 20), new LogOffsets(0, 2, 2), true);

    AppendOutcome.Rejected rejected =
        assertInstanceOf(AppendOutcome.Rejected.class, again.appendAsLeader(of(9, 0), 0, 1));
    assertEquals(AppendError.INVALID_PRODUCER_EPOCH, rejected.error());
  }
}
