package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.offsets;
import static io.penstock.storage.log.LogFixture.read;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What appends, reads, rolls, truncations and retention do to one log. */
class PartitionLogTest {
  private static final int ONE = batch(1).remaining();

  private FakeDisk disk;
  private LogFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    fixture = new LogFixture(disk);
  }

  @Test
  void assignsOffsetsAndEpochInTheBufferAndReadsThemBack() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));

    AppendOutcome first = log.appendAsLeader(batch(3), 7, 1);
    AppendOutcome second = log.appendAsLeader(batch(2), 7, 1);

    assertEquals(new AppendOutcome.Appended(0, 2, -1, 0), first);
    assertEquals(new AppendOutcome.Appended(3, 4, -1, 0), second);
    assertEquals(5, log.logEndOffset());
    assertEquals(List.of(0L, 3L), offsets(log));
    ByteBuffer bytes = present(read(log, 4, 1 << 20, 5, true));
    assertEquals(3, RecordBatch.baseOffset(bytes, 0));
    assertEquals(7, RecordBatch.partitionLeaderEpoch(bytes, 0));
    assertEquals(7, log.leaderEpochAt(4));
  }

  @Test
  void writesTheLeadersTimeWhereTheTopicWantsIt() throws StorageException {
    LogSettings settings = LogSettingsBuilder.from(settings(1 << 20)).logAppendTime(true).build();
    PartitionLog log = fixture.create(settings);

    AppendOutcome outcome = log.appendAsLeader(batch(2), 0, 4242);

    assertEquals(new AppendOutcome.Appended(0, 1, 4242, 0), outcome);
    ByteBuffer bytes = present(read(log, 0, 1 << 20, 2, true));
    assertTrue(RecordBatch.hasValidCrc(bytes, 0));
    assertEquals(4242, RecordBatch.maxTimestamp(bytes, 0));
  }

  @Test
  void neverReturnsABatchThatReachesOverTheLimit() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    for (int i = 0; i < 10; i++) {
      fixture.append(log, batch(3));
    }

    for (long limit = 0; limit <= 30; limit++) {
      long whole = limit / 3;
      List<Long> expected = LongStream.range(0, whole).map(i -> i * 3).boxed().toList();
      assertEquals(expected, offsets(log, 0, limit), "limit " + limit);
    }
  }

  @Test
  void cutsTheLastBatchButNeverTheFirst() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(1));
    fixture.append(log, batch(1));

    assertEquals(ONE, present(read(log, 0, 10, 2, true)).limit());
    assertNull(read(log, 0, 10, 2, false));
    assertEquals(ONE + 5, present(read(log, 0, ONE + 5, 2, false)).limit());
    assertEquals(2 * ONE, present(read(log, 0, 1 << 20, 2, false)).limit());
  }

  @Test
  void saysWhichOffsetsItHolds() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(4));
    log.deleteRecordsBefore(2);

    assertEquals(new ReadOutcome.OffsetOutOfRange(2, 4), log.read(1, 100, 4, true));
    assertEquals(new ReadOutcome.OffsetOutOfRange(2, 4), log.read(5, 100, 9, true));
    assertInstanceOf(ReadOutcome.Empty.class, log.read(4, 100, 4, true));
    assertInstanceOf(ReadOutcome.Empty.class, log.read(3, 100, 3, true));
  }

  @Test
  void rollsBySizeAndReadsOverTheSeam() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    for (int i = 0; i < 11; i++) {
      fixture.append(log, batch(1));
      if (i % 3 == 0) {
        fixture.work.runAll();
      }
    }

    assertEquals(3, log.segmentCount());
    assertEquals(11L * ONE, log.sizeBytes());
    assertEquals(LongStream.range(0, 11).boxed().toList(), offsets(log));
  }

  @Test
  void rollsByTime() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    long week = LogSettings.defaults().segmentMs();
    fixture.append(log, TestBatch.ofRecords(1).timestamps(1_000, 1_000).build());
    fixture.append(log, TestBatch.ofRecords(1).timestamps(1_000 + week, 1_000 + week).build());
    assertEquals(1, log.segmentCount());

    fixture.append(log, TestBatch.ofRecords(1).timestamps(1_001 + week, 1_001 + week).build());

    assertEquals(2, log.segmentCount());
  }

  @Test
  void answersDuplicatesWithTheirFirstOffsetsAndRefusesGaps() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(5));
    fixture.append(log, TestBatch.ofRecords(2).producer(9, 1, 0).build());

    assertEquals(
        new AppendOutcome.Duplicate(5, 6, -1, 0),
        log.appendAsLeader(TestBatch.ofRecords(2).producer(9, 1, 0).build(), 0, 1));
    assertRejected(
        AppendError.OUT_OF_ORDER_SEQUENCE, log, TestBatch.ofRecords(1).producer(9, 1, 3).build());
    assertRejected(
        AppendError.INVALID_PRODUCER_EPOCH, log, TestBatch.ofRecords(1).producer(9, 0, 2).build());
    assertEquals(7, log.logEndOffset());
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 1, 2).build());
    assertEquals(8, log.logEndOffset());
  }

  @Test
  void refusesDamagedBatchesAndWritesNothingOfTheBuffer() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    ByteBuffer bad = batch(1);
    bad.put(bad.limit() - 1, (byte) (bad.get(bad.limit() - 1) + 1));

    assertRejected(AppendError.CORRUPT, log, TestBatch.concat(batch(1), bad));

    assertEquals(0, log.logEndOffset());
    assertEquals(0, log.sizeBytes());
  }

  @Test
  void followerKeepsOffsetsEpochsAndGapsAndLeavesOutACutBatch() throws StorageException {
    PartitionLog log =
        fixture.create(LogSettingsBuilder.from(settings(1 << 20)).compactPolicy(true).build());
    ByteBuffer fetched =
        TestBatch.concat(
            TestBatch.ofRecords(2).at(10, 3).build(), TestBatch.ofRecords(2).at(20, 4).build());
    fetched.limit(fetched.limit() - 1);

    AppendOutcome outcome = log.appendAsFollower(fetched, 4);

    assertEquals(new AppendOutcome.Appended(10, 11, -1, 0), outcome);
    assertEquals(12, log.logEndOffset());
    assertEquals(3, log.leaderEpochAt(11));
    assertEquals(List.of(10L), offsets(log, 0, 12));
    assertEquals(
        AppendError.UNEXPECTED_OFFSET,
        assertInstanceOf(
                AppendOutcome.Rejected.class,
                log.appendAsFollower(TestBatch.ofRecords(1).at(11, 4).build(), 4))
            .error());
  }

  @Test
  void healsWhenAFullDiskHasRoomAgain() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(1));
    disk.limitCapacity(disk.usedBytes() + 20);

    assertThrows(DiskFullException.class, () -> log.appendAsLeader(batch(1), 0, 1));
    assertEquals(1, log.logEndOffset());
    assertEquals(List.of(0L), offsets(log));
    assertTrue(fixture.diskFailures.isEmpty());

    disk.healWrites();
    fixture.append(log, batch(1));
    assertEquals(List.of(0L, 1L), offsets(log));
    assertEquals(2L * ONE, log.sizeBytes());
  }

  @Test
  void reportsADiskThatFails() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(1));
    disk.failWritesFrom(0);

    assertThrows(StorageException.class, () -> log.appendAsLeader(batch(1), 0, 1));

    assertEquals(1, fixture.diskFailures.size());
    assertEquals(List.of(0L), offsets(log));
  }

  @Test
  void truncatesIntoAnEarlierSegmentAndGoesOn() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    for (int i = 0; i < 12; i++) {
      fixture.append(log, batch(1), i / 3);
      fixture.work.runAll();
    }

    log.truncateTo(6);

    assertEquals(6, log.logEndOffset());
    assertEquals(6, log.recoveryPoint());
    assertEquals(LongStream.range(0, 6).boxed().toList(), offsets(log));
    assertEquals(1, log.epochs().latestEpoch().orElseThrow());
    for (int i = 0; i < 6; i++) {
      fixture.append(log, batch(1), 9);
    }
    assertEquals(LongStream.range(0, 12).boxed().toList(), offsets(log));
    assertEquals(9, log.leaderEpochAt(6));
  }

  @Test
  void truncationForgetsWhatProducersWroteBehindIt() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 1, 0).build());
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 1, 1).build());

    log.truncateTo(1);

    assertEquals(0, log.producers().getFirst().lastSequence());
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 1, 1).build());
  }

  @Test
  void startsAnewAtAnOffset() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    for (int i = 0; i < 6; i++) {
      fixture.append(log, batch(1));
    }

    log.truncateFullyAndStartAt(0);
    log.truncateFullyAndStartAt(100);
    fixture.work.runAll();

    assertEquals(100, log.logStartOffset());
    assertEquals(100, log.logEndOffset());
    assertEquals(100, fixture.append(log, batch(1)));
    assertEquals(List.of(100L), offsets(log));
  }

  @Test
  void deletesSegmentsThatAreTooMuch() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE, -1, 5L * ONE));
    for (int i = 0; i < 10; i++) {
      fixture.append(log, batch(1));
    }

    assertEquals(1, log.applyRetention(fixture.nowMs.get(), 3));
    assertEquals(2, log.logStartOffset());
    assertEquals(1, log.applyRetention(fixture.nowMs.get(), 10));

    assertEquals(4, log.logStartOffset());
    assertEquals(LongStream.range(4, 10).boxed().toList(), offsets(log));
  }

  @Test
  void deletesEverythingThatIsTooOldAndKeepsItsEnd() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE, 1_000, -1));
    for (int i = 0; i < 5; i++) {
      fixture.append(log, batch(1));
    }

    int deleted = log.applyRetention(1_000_000_000, 5);

    assertEquals(3, deleted);
    assertEquals(5, log.logStartOffset());
    assertEquals(5, log.logEndOffset());
    assertEquals(1, log.segmentCount());
    assertEquals(5, fixture.append(log, batch(1)));
    fixture.work.runAll();
    fixture.work.runAll();
    assertFalse(disk.exists(fixture.directory.resolve("00000000000000000000.log.deleted")));
  }

  @Test
  void keepsASliceReadableWhileItsSegmentIsDeleted() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE, 1_000, -1));
    for (int i = 0; i < 4; i++) {
      fixture.append(log, batch(1));
    }
    LogSlice slice =
        assertInstanceOf(ReadOutcome.Slice.class, log.read(0, 1 << 20, 4, true)).slice();
    log.applyRetention(1_000_000_000, 2);
    Path deleted = fixture.directory.resolve("00000000000000000000.log.deleted");

    fixture.work.runDeleting();
    fixture.work.runDeleting();
    assertTrue(disk.exists(deleted));
    assertTrue(RecordBatch.hasValidCrc(LogFixture.bytesOf(slice), 0));

    slice.release();
    fixture.work.runDeleting();
    assertFalse(disk.exists(deleted));
  }

  @Test
  void deletesWhatLiesBeforeTheLogStartOffset() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE));
    for (int i = 0; i < 6; i++) {
      fixture.append(log, batch(1));
    }
    log.recordHighWatermark(6);

    assertEquals(3, log.deleteRecordsBefore(3));
    assertEquals(3, log.deleteRecordsBefore(1));
    fixture.work.runFlushing();

    assertEquals(2, log.segmentCount());
    assertEquals(List.of(3L, 4L, 5L), offsets(log));
  }

  @Test
  void findsRecordsByTime() throws StorageException {
    PartitionLog log = fixture.create(settings(20 * ONE));
    for (int i = 0; i < 100; i++) {
      fixture.append(log, TestBatch.ofRecords(1).timestamps(i * 10L, i * 10L).build());
    }
    fixture.work.runAll();

    for (int ms = 0; ms <= 990; ms += 3) {
      long expected = (ms + 9L) / 10;
      TimestampedOffset found = log.offsetForTimestamp(ms, 100).orElseThrow();
      assertEquals(new TimestampedOffset(expected, expected * 10, 0), found);
    }
    assertEquals(Optional.empty(), log.offsetForTimestamp(991, 100));
    assertEquals(Optional.empty(), log.offsetForTimestamp(600, 60));
    assertEquals(99, log.maxTimestamp().orElseThrow().offset());
  }

  @Test
  void preparesTheNextSegmentAheadOfTheRoll() throws StorageException {
    int segmentBytes = 4 << 20;
    PartitionLog log = fixture.create(settings(segmentBytes));
    ByteBuffer large = TestBatch.ofRecords(1).body(new byte[500_000]).build();
    for (int i = 0; i < 6; i++) {
      fixture.append(log, large.duplicate());
    }
    fixture.work.runPreparing();
    assertTrue(disk.exists(fixture.directory.resolve(SegmentFiles.PREPARED_NAME)));

    for (int i = 0; i < 4; i++) {
      fixture.append(log, large.duplicate());
    }

    assertEquals(2, log.segmentCount());
    assertFalse(disk.exists(fixture.directory.resolve(SegmentFiles.PREPARED_NAME)));
    assertTrue(disk.exists(fixture.directory.resolve("00000000000000000008.log")));
    assertEquals(LongStream.range(0, 10).boxed().toList(), offsets(log));
  }

  @Test
  void preparesTheNextSegmentAlsoWhereNothingIsReserved() throws StorageException {
    LogSettings settings = LogSettingsBuilder.from(settings(4 << 20)).preallocate(false).build();
    PartitionLog log = fixture.create(settings);
    ByteBuffer large = TestBatch.ofRecords(1).body(new byte[500_000]).build();
    for (int i = 0; i < 5; i++) {
      fixture.append(log, large.duplicate());
    }

    fixture.work.runPreparing();

    assertTrue(disk.exists(fixture.directory.resolve(SegmentFiles.PREPARED_NAME)));
    assertTrue(disk.usedBytes() < 3 << 20, disk.usedBytes() + " bytes used");
    for (int i = 0; i < 5; i++) {
      fixture.append(log, large.duplicate());
    }
    assertEquals(2, log.segmentCount());
    assertEquals(0, fixture.metrics.unpreparedRolls().getCount());
  }

  @Test
  void preparesTheNextSegmentOfALogOfSmallSegments() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    for (int i = 0; i < 9; i++) {
      fixture.append(log, batch(1));
      fixture.work.runPreparing();
    }

    assertEquals(3, log.segmentCount());
    assertEquals(0, fixture.metrics.unpreparedRolls().getCount());
  }

  @Test
  void reservesAWholeSegmentForALogThatFillsItsSegmentsFast() throws StorageException {
    assertEquals(4 << 20, reservedForNext(1));
  }

  @Test
  void reservesPartOfTheNextSegmentForASlowLog() throws StorageException {
    assertEquals(2 << 20, reservedForNext(3_600_000));
  }

  @Test
  void reservesPartOfTheNextSegmentWhereTheDiskIsNearlyFull() throws StorageException {
    disk.limitCapacity(32 << 20);
    assertEquals(2 << 20, reservedForNext(1));
  }

  /** What a log of segments of 4 MiB has in the next one when it takes so long for this one. */
  private long reservedForNext(long elapsedMs) throws StorageException {
    PartitionLog log = fixture.create(settings(4 << 20));
    ByteBuffer large = TestBatch.ofRecords(1).body(new byte[500_000]).build();
    for (int i = 0; i < 6; i++) {
      fixture.append(log, large.duplicate());
    }
    fixture.nowMs.addAndGet(elapsedMs);
    fixture.work.runPreparing();
    long before = disk.usedBytes();
    disk.delete(fixture.directory.resolve(SegmentFiles.PREPARED_NAME));
    return before - disk.usedBytes();
  }

  @Test
  void reservesNothingForAnIdleLog() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 30));
    fixture.append(log, batch(1));
    fixture.work.runAll();

    assertTrue(disk.usedBytes() < 10_000, disk.usedBytes() + " bytes used");
  }

  @Test
  void knowsWhatWasAppendedMomentsAgo() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(1));
    assertTrue(isRecent(log));

    fixture.nowMs.addAndGet(LogReader.RECENT_MS + 1);
    assertFalse(isRecent(log));
  }

  @Test
  void doesNotTakeForRecentWhatWasThereAtTheStart() throws StorageException {
    PartitionLog before = fixture.create(settings(1 << 20));
    fixture.append(before, batch(1));
    before.close();
    PartitionLog log = fixture.reopen(settings(1 << 20), LogOffsets.ZERO, true);

    fixture.append(log, batch(1));

    assertFalse(isRecent(log));
  }

  private static boolean isRecent(PartitionLog log) throws StorageException {
    LogSlice slice =
        assertInstanceOf(ReadOutcome.Slice.class, log.read(0, 1 << 20, log.logEndOffset(), true))
            .slice();
    slice.release();
    return slice.recentlyAppended();
  }

  private static void assertRejected(AppendError error, PartitionLog log, ByteBuffer records)
      throws StorageException {
    assertEquals(
        error,
        assertInstanceOf(AppendOutcome.Rejected.class, log.appendAsLeader(records, 0, 1)).error());
  }

  private static ByteBuffer present(@Nullable ByteBuffer bytes) {
    assertNotNull(bytes);
    return bytes;
  }
}
