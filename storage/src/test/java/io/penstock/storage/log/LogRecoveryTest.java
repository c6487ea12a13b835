package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.offsets;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.epoch.EpochStart;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is left of a log after clean stops and crashes of all kinds. */
class LogRecoveryTest {
  private static final int ONE = batch(1).remaining();

  private FakeDisk disk;
  private LogFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    fixture = new LogFixture(disk);
  }

  @Test
  void truncatesTornTailOnRecovery() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 5);
    log.flush();
    long point = log.recoveryPoint();
    fixture.append(log, batch(3));
    write(fixture.directory.resolve("00000000000000000000.log"), 5L * ONE + 30, new byte[20]);

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, new LogOffsets(0, point, 5));

    assertEquals(5, recovered.logEndOffset());
    assertEquals(5L * ONE, recovered.sizeBytes());
    assertEquals(5, fixture.append(recovered, batch(1)));
    assertEquals(LongStream.range(0, 6).boxed().toList(), offsets(recovered));
  }

  @Test
  void keepsEverythingAfterTheProcessAloneHasDied() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    appendOnes(log, 11);

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, LogOffsets.ZERO);

    assertEquals(11, recovered.logEndOffset());
    assertEquals(LongStream.range(0, 11).boxed().toList(), offsets(recovered));
  }

  @Test
  void leavesNoMemoryBehindThatOnlyACollectionWouldFind() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 5);
    long before = directBytes();
    int times = 50;

    for (int i = 0; i < times; i++) {
      assertEquals(5, crashAndReopen(Tearing.KEEP_ALL, LogOffsets.ZERO).logEndOffset());
    }

    // Counts buffers that a collection has to find; not the memory of arenas, which none would.
    // The fake disk's mappings are such buffers: about 128 KiB of index files each time.
    long each = (directBytes() - before) / times;
    assertTrue(each < 256 << 10, each + " bytes for each recovery");
  }

  @Test
  void givesTheMemoryOfTheScanBackWhateverTheDiskDoes() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    appendOnes(log, 11);
    boolean failed = true;
    for (int fault = 0; failed; fault++) {
      disk.crash(Tearing.KEEP_ALL);
      fixture.work.forget();
      List<RecoveryScanner> scanners = new ArrayList<>();
      LogRecovery recovery =
          new LogRecovery(
              LogFixture.ID,
              fixture.directory,
              settings(4 * ONE),
              fixture.services(),
              LogOffsets.ZERO,
              false,
              () -> {
                scanners.add(new RecoveryScanner());
                return scanners.getLast();
              });
      disk.failWritesFrom(fault);
      try {
        recovery.open();
        failed = false;
      } catch (StorageException expected) {
        assertTrue(fault < 100);
      } finally {
        disk.healWrites();
      }

      assertTrue(failed || scanners.size() == 1);
      for (RecoveryScanner scanner : scanners) {
        assertEquals(0, scanner.heldBytes(), "fault " + fault);
      }
    }
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getTotalCapacity)
        .sum();
  }

  @Test
  void dropsSegmentsBehindAHole() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    appendOnes(log, 11);
    disk.flipByte(fixture.directory.resolve("00000000000000000004.log"), ONE + 40);

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, LogOffsets.ZERO);

    assertEquals(5, recovered.logEndOffset());
    assertEquals(2, recovered.segmentCount());
    assertEquals(LongStream.range(0, 5).boxed().toList(), offsets(recovered));
  }

  @Test
  void believesWhatLiesBelowTheRecoveryPoint() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    appendOnes(log, 11);
    fixture.work.runAll();
    log.flush();
    // Damage that only a scan would find: nothing below the recovery point is scanned.
    disk.flipByte(fixture.directory.resolve("00000000000000000004.log"), ONE + 40);

    PartitionLog recovered =
        crashAndReopen(Tearing.LOSE_ALL, new LogOffsets(0, log.recoveryPoint(), 0));

    assertEquals(11, recovered.logEndOffset());
  }

  @Test
  void opensWithoutAScanAfterACleanStop() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    appendOnes(log, 10);
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 1, 0).build(), 3);
    log.close();

    PartitionLog reopened = fixture.reopen(settings(4 * ONE), new LogOffsets(2, 11, 9), true);

    assertEquals(11, reopened.logEndOffset());
    assertEquals(2, reopened.logStartOffset());
    assertEquals(9, reopened.recordedHighWatermark());
    assertEquals(3, reopened.leaderEpochAt(10));
    assertInstanceOf(
        AppendOutcome.Duplicate.class,
        reopened.appendAsLeader(TestBatch.ofRecords(1).producer(9, 1, 0).build(), 3, 1));
    assertEquals(LongStream.range(2, 11).boxed().toList(), offsets(reopened));
  }

  @Test
  void buildsTheSameIndexesAgain() throws StorageException {
    PartitionLog log = fixture.create(settings(40 * ONE));
    for (int i = 0; i < 100; i++) {
      fixture.append(log, TestBatch.ofRecords(1).timestamps(i * 10L, i * 10L).build());
    }
    fixture.work.runAll();
    log.close();
    Path index = fixture.directory.resolve("00000000000000000040.index");
    Path times = fixture.directory.resolve("00000000000000000040.timeindex");
    byte[] indexBefore = disk.readSmall(index, 1 << 20);
    byte[] timesBefore = disk.readSmall(times, 1 << 20);
    disk.delete(index);
    disk.delete(times);

    PartitionLog rebuilt = fixture.reopen(settings(40 * ONE), LogOffsets.ZERO, true);
    assertArrayEquals(indexBefore, disk.readSmall(index, 1 << 20));
    assertArrayEquals(timesBefore, disk.readSmall(times, 1 << 20));
    rebuilt.close();

    PartitionLog scanned = fixture.reopen(settings(40 * ONE), LogOffsets.ZERO, false);
    scanned.flush();
    assertArrayEquals(indexBefore, disk.readSmall(index, 1 << 20));
    assertEquals(100, scanned.logEndOffset());
  }

  @Test
  void removesWhatInterruptedDeletionsAndCleaningsLeft() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 3);
    log.close();
    for (String name :
        List.of(
            "00000000000000000009.log.deleted",
            "00000000000000000000.log.cleaned",
            SegmentFiles.PREPARED_NAME)) {
      write(fixture.directory.resolve(name), 0, new byte[10]);
    }

    PartitionLog reopened = fixture.reopen(settings(1 << 20), LogOffsets.ZERO, true);

    assertEquals(3, reopened.logEndOffset());
    assertFalse(disk.exists(fixture.directory.resolve("00000000000000000009.log.deleted")));
    assertFalse(disk.exists(fixture.directory.resolve(SegmentFiles.PREPARED_NAME)));
  }

  @Test
  void completesASwapThatWasInterrupted() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE));
    appendOnes(log, 6);
    log.close();
    ByteBuffer cleaned = TestBatch.ofRecords(1).at(3, 0).build();
    byte[] bytes = new byte[cleaned.remaining()];
    cleaned.get(0, bytes);
    write(fixture.directory.resolve("00000000000000000000.log.swap"), 0, bytes);

    PartitionLog reopened = fixture.reopen(settings(2 * ONE), LogOffsets.ZERO, true);

    assertEquals(List.of(3L, 4L, 5L), offsets(reopened));
  }

  @Test
  void forgetsEpochsOfRecordsThatWereLost() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 3);
    log.flush();
    fixture.append(log, batch(1), 5);
    log.epochs().flush();

    PartitionLog recovered = crashAndReopen(Tearing.LOSE_ALL, new LogOffsets(0, 3, 0));

    assertEquals(3, recovered.logEndOffset());
    assertEquals(0, recovered.epochs().latestEpoch().orElseThrow());
  }

  @Test
  void findsTheEndAlsoWhereTheLastIndexedBatchIsDamaged() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 10);
    log.close();
    disk.flipByte(fixture.directory.resolve("00000000000000000000.log"), 9L * ONE + 16);

    PartitionLog reopened = fixture.reopen(settings(1 << 20), new LogOffsets(0, 10, 10), true);

    assertEquals(9, reopened.logEndOffset());
    appendOnes(reopened, 3);
    assertEquals(LongStream.range(0, 12).boxed().toList(), offsets(reopened));
  }

  @Test
  void neverTakesATornOffsetForTheEndOfTheLog() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 5);
    log.flush();
    appendOnes(log, 1);
    // The sector with the first bytes of the batch is lost: its offset, but not what has a CRC.
    write(fixture.directory.resolve("00000000000000000000.log"), 5L * ONE, new byte[8]);

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, new LogOffsets(0, 5, 5));

    assertEquals(5, recovered.logEndOffset());
    assertEquals(5L * ONE, recovered.sizeBytes());
  }

  @Test
  void recordsWhoseDeletionAKillHasUndoneHaveTheirEpochsAgain() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    for (int epoch : new int[] {1, 1, 2, 2, 2, 5, 5}) {
      fixture.append(log, batch(1), epoch);
    }
    log.deleteRecordsBefore(4);
    log.flush();

    // The new start was not written down.
    PartitionLog recovered =
        crashAndReopen(Tearing.KEEP_ALL, new LogOffsets(0, log.recoveryPoint(), 4));

    assertEquals(
        List.of(new EpochStart(1, 0), new EpochStart(2, 2), new EpochStart(5, 5)),
        recovered.epochs().entries());
  }

  @Test
  void endsWhereTheEpochOfABatchGoesBack() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    for (int i = 0; i < 4; i++) {
      fixture.append(log, batch(1), 2);
    }
    // In the leader epoch of the second batch, which its CRC does not cover.
    disk.flipByte(fixture.directory.resolve("00000000000000000000.log"), ONE + 12);

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, LogOffsets.ZERO);

    assertEquals(2, recovered.logEndOffset());
    assertEquals(2, recovered.leaderEpochAt(0));
    assertEquals(0x40000002, recovered.leaderEpochAt(1));
  }

  @Test
  void believesNoOffsetBehindAGapThatTheNextBatchContradicts() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 4);
    disk.flipByte(fixture.directory.resolve("00000000000000000000.log"), ONE + 7);

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, LogOffsets.ZERO);

    assertEquals(1, recovered.logEndOffset());
  }

  @Test
  void believesNoOffsetBehindAGapOfTheLastBatch() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 4);
    disk.flipByte(fixture.directory.resolve("00000000000000000000.log"), 3 * ONE + 7);

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, LogOffsets.ZERO);

    assertEquals(3, recovered.logEndOffset());
  }

  @Test
  void believesGapsThatTheNextBatchesBearOut() throws StorageException {
    PartitionLog log =
        fixture.create(LogSettingsBuilder.fromDefaults().compactPolicy(true).build());
    for (long offset : new long[] {0, 5, 6, 9, 10}) {
      log.appendAsFollower(TestBatch.ofRecords(1).at(offset, 0).build(), 0);
    }

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, LogOffsets.ZERO);

    assertEquals(List.of(0L, 5L, 6L, 9L, 10L), offsets(recovered));
  }

  @Test
  void refusesToCutRecordsOfAnOlderFormat() throws StorageException {
    ByteBuffer old = CutTailTest.oldMessage();
    byte[] bytes = new byte[old.remaining()];
    old.get(0, bytes);
    Path segment = fixture.directory.resolve("00000000000000000000.log");
    write(segment, 0, bytes);

    assertThrows(
        CorruptFileException.class,
        () -> fixture.reopen(settings(1 << 20), LogOffsets.ZERO, false));

    assertArrayEquals(bytes, disk.readSmall(segment, 1 << 10));
  }

  @Test
  void believesNoEpochBehindTheRecoveryPointThatItsRecordsDoNotName() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    appendOnes(log, 3);
    log.flush();
    fixture.append(log, batch(1), 5);
    log.epochs().flush();
    PartitionLog follower = crashAndReopen(Tearing.LOSE_ALL, new LogOffsets(0, 3, 0));
    for (long offset = 3; offset < 6; offset++) {
      follower.appendAsFollower(TestBatch.ofRecords(1).at(offset, 0).build(), 0);
    }

    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, new LogOffsets(0, 3, 0));

    assertEquals(6, recovered.logEndOffset());
    assertEquals(0, recovered.leaderEpochAt(5));
  }

  @Test
  void aSnapshotBehindATruncationDoesNotComeBack() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE));
    appendOnes(log, 4);
    fixture.work.runAll();
    Path snapshot = fixture.directory.resolve("00000000000000000002.snapshot");
    assertTrue(disk.exists(snapshot));

    log.truncateTo(1);
    disk.crash(Tearing.LOSE_ALL);

    assertFalse(disk.exists(snapshot));
  }

  @Test
  void firstSegmentsNameIsDurableBeforeThereIsASecond() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE));

    appendOnes(log, 5);
    disk.crash(Tearing.LOSE_ALL);

    assertTrue(disk.exists(fixture.directory.resolve("00000000000000000000.log")));
  }

  @Test
  void nameOfTheNewFirstSegmentIsDurableBeforeTheOldOneGoes() throws StorageException {
    LogSettings settings = settings(2 * ONE, -1, 3L * ONE);
    PartitionLog log = fixture.create(settings);
    appendOnes(log, 6);

    assertEquals(1, log.applyRetention(fixture.nowMs.get(), 6));
    disk.crash(Tearing.LOSE_ALL);

    assertTrue(disk.exists(fixture.directory.resolve("00000000000000000002.log")));
  }

  private PartitionLog crashAndReopen(Tearing tearing, LogOffsets checkpointed)
      throws StorageException {
    disk.crash(tearing);
    fixture.work.forget();
    return fixture.reopen(settings(4 * ONE), checkpointed, false);
  }

  private void appendOnes(PartitionLog log, int count) throws StorageException {
    for (int i = 0; i < count; i++) {
      fixture.append(log, batch(1));
    }
  }

  private void write(Path path, long position, byte[] bytes) throws StorageException {
    try (DiskFile file = disk.open(path, OpenMode.CREATE)) {
      ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
      file.write(new ByteBuffer[] {direct}, 1, position);
    }
  }
}
