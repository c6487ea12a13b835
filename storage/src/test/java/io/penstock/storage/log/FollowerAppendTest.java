package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.offsets;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.epoch.EpochStart;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome.Appended;
import io.penstock.storage.log.AppendOutcome.Rejected;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a leader sends, as it gets into the log of a follower, and as it is cut from it. */
final class FollowerAppendTest {

  private final FakeDisk disk = new FakeDisk(1);
  private LogFixture fixture;

  @BeforeEach
  void make() throws StorageException {
    fixture = new LogFixture(disk);
  }

  private static LogSettings compacted() {
    return LogSettingsBuilder.from(settings(1 << 20)).compactPolicy(true).build();
  }

  private static ByteBuffer batch(long offset, int epoch) {
    return TestBatch.ofRecords(1).at(offset, epoch).build();
  }

  private static void append(PartitionLog log, int leaderEpoch, ByteBuffer... batches)
      throws StorageException {
    assertInstanceOf(Appended.class, log.appendAsFollower(TestBatch.concat(batches), leaderEpoch));
  }

  private static AppendError rejected(PartitionLog log, int leaderEpoch, ByteBuffer... batches)
      throws StorageException {
    return assertInstanceOf(
            Rejected.class, log.appendAsFollower(TestBatch.concat(batches), leaderEpoch))
        .error();
  }

  @Test
  void batchesOfALaterLeaderThanTheOneAskedAreNotTaken() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));

    assertEquals(AppendError.CORRUPT, rejected(log, 2, batch(0, 2), batch(1, 3)));

    assertEquals(0, log.logEndOffset());
  }

  @Test
  void epochsDoNotGoBack() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    append(log, 5, batch(0, 2), batch(1, 4));

    assertEquals(AppendError.CORRUPT, rejected(log, 5, batch(2, 3)));
    assertEquals(AppendError.CORRUPT, rejected(log, 5, batch(2, 5), batch(3, 4)));

    assertEquals(List.of(new EpochStart(2, 0), new EpochStart(4, 1)), log.epochs().entries());
  }

  @Test
  void leaderThatWroteNothingDoesNotMoveTheStartOfTheEpochBefore() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    append(log, 2, batch(0, 2), batch(1, 2));
    log.epochs().assign(3, 2); // as it does when it begins to lead

    append(log, 4, batch(2, 2), batch(3, 4));

    assertEquals(List.of(new EpochStart(2, 0), new EpochStart(4, 3)), log.epochs().entries());
  }

  @Test
  void truncationThatCutsNoRecordCutsTheEpochOfALeaderThatWroteNothing() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    append(log, 2, batch(0, 2));
    log.epochs().assign(3, 1);

    log.truncateTo(1);

    assertEquals(List.of(new EpochStart(2, 0)), log.epochs().entries());
    assertEquals(1, log.logEndOffset());
  }

  @Test
  void truncationWithinABatchEndsTheLogWhereTheBatchBegan() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    append(log, 0, batch(0, 0), TestBatch.ofRecords(10).at(1, 0).build(), batch(11, 0));

    log.truncateTo(7);

    assertEquals(1, log.logEndOffset());
    append(log, 0, batch(1, 0));
    assertEquals(List.of(0L, 1L), offsets(log));
  }

  @Test
  void gapIsBelievedWhereItIsSeenTwice() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    append(log, 0, batch(0, 0), batch(5, 0), batch(9, 0));
    assertEquals(1, log.logEndOffset(), "what comes before it is taken");

    assertEquals(AppendError.UNEXPECTED_OFFSET, rejected(log, 0, batch(7, 0)));
    assertEquals(AppendError.UNEXPECTED_OFFSET, rejected(log, 0, batch(5, 0)));
    append(log, 0, batch(5, 0), batch(9, 0));
    append(log, 0, batch(9, 0));

    assertEquals(List.of(0L, 5L, 9L), offsets(log));
  }

  @Test
  void truncationIntoAGapEndsTheLogThere() throws StorageException {
    PartitionLog log = fixture.create(compacted());
    append(log, 0, batch(0, 0), batch(10, 0));

    log.truncateTo(5);

    assertEquals(5, log.logEndOffset());
    assertEquals(List.of(0L), offsets(log));
  }

  @Test
  void gapThatNoSegmentReachesOverEndsWhatIsTaken() throws StorageException {
    PartitionLog log = fixture.create(compacted());
    long far = 3L << 30;

    append(log, 0, batch(0, 0), batch(far, 0));
    assertEquals(1, log.logEndOffset());
    append(log, 0, batch(far, 0));

    assertEquals(far + 1, log.logEndOffset());
    assertEquals(2, log.segmentCount());
    assertEquals(List.of(0L, far), offsets(log, 0, far + 1));
  }

  @Test
  void firstBatchOfAnEmptyLogMayBeginFarBehindItsStart() throws StorageException {
    PartitionLog log = fixture.create(compacted());
    long far = 3L << 30;

    append(log, 0, batch(far, 0), batch(far + 5, 0));

    assertEquals(far + 6, log.logEndOffset());
    assertEquals(List.of(far, far + 5), offsets(log, 0, far + 6));
  }

  @Test
  void bytesBeyondASegmentGoIntoTheNextOne() throws StorageException {
    PartitionLog log = fixture.create(settings(500));
    ByteBuffer large = TestBatch.ofRecords(1).body(new byte[2_000]).at(1, 0).build();

    append(log, 0, batch(0, 0));
    append(log, 0, large, batch(2, 0));
    append(log, 0, batch(3, 0));

    assertEquals(3, log.segmentCount());
    assertEquals(List.of(0L, 1L, 2L, 3L), offsets(log));
  }

  @Test
  void truncationOverSegmentsLeavesALogThatGoesOnAndIsFoundAgain() throws StorageException {
    PartitionLog log = fixture.create(settings(500));
    for (int i = 0; i < 40; i++) {
      append(log, 1, batch(i, i < 10 ? 0 : 1));
    }
    fixture.work.runAll();

    log.truncateTo(7);
    append(log, 2, batch(7, 2), batch(8, 2));
    LogOffsets known = new LogOffsets(0, log.recoveryPoint(), 0);
    log.abandon();
    PartitionLog again = fixture.reopen(settings(500), known, false);

    assertEquals(9, again.logEndOffset());
    assertEquals(List.of(new EpochStart(0, 0), new EpochStart(2, 7)), again.epochs().entries());
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L), offsets(again));
  }
}
