package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.offsets;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cuts of a log that is not on the disk yet, and what a power failure makes of them. */
class CutCrashTest {
  private static final int ONE = batch(1).remaining();

  private FakeDisk disk;
  private LogFixture fixture;
  private PartitionLog log;

  @BeforeEach
  void setUp() throws StorageException {
    begin(1);
  }

  private void begin(long seed) throws StorageException {
    disk = new FakeDisk(seed);
    fixture = new LogFixture(disk);
    log = fixture.create(settings(10 * ONE));
    for (int i = 0; i < 6; i++) {
      fixture.append(log, batch(1));
    }
  }

  @Test
  void writesNothingOfWhatStays() throws StorageException {
    disk.takeForced();

    log.truncateTo(3);

    List<Path> forced = disk.takeForced();
    assertEquals(
        List.of(), forced.stream().filter(path -> path.toString().endsWith(".log")).toList());
    assertEquals(List.of(0L, 1L, 2L), offsets(log));
    assertEquals(3L * ONE, log.sizeBytes());
    assertEquals(3, fixture.append(log, batch(1), 1));
    assertEquals(List.of(0L, 1L, 2L, 3L), offsets(log));
  }

  @Test
  void cutsInPlaceWhereAllThatStaysIsOnTheDisk() throws StorageException {
    log.flush();
    fixture.append(log, batch(1));

    log.truncateTo(6);
    log.truncateTo(2);

    assertEquals(1, log.segmentCount());
    assertEquals(List.of(0L, 1L), offsets(log));
  }

  @Test
  void whatAPowerFailureBringsBackIsCutAgain() throws StorageException {
    writeBack(0);
    log.truncateTo(3);

    PartitionLog again = crashAndReopen(Tearing.LOSE_ALL);

    assertEquals(3, again.logEndOffset());
    assertEquals(3L * ONE, again.sizeBytes());
    assertEquals(List.of(0L, 1L, 2L), offsets(again));
  }

  @Test
  void neitherDoesItHideWhatWasWrittenInItsPlace() throws StorageException {
    writeBack(0);
    log.truncateTo(3);
    fixture.append(log, batch(1), 1);
    fixture.append(log, batch(1), 1);
    writeBack(3);

    PartitionLog again = crashAndReopen(Tearing.LOSE_ALL);

    assertEquals(List.of(0L, 1L, 2L, 3L, 4L), offsets(again));
    assertEquals(0, again.leaderEpochAt(2));
    assertEquals(1, again.leaderEpochAt(3));
  }

  @Test
  void isOnTheDiskAfterTheNextFlush() throws StorageException {
    writeBack(0);
    log.truncateTo(3);
    fixture.append(log, batch(1), 1);
    log.flush();
    assertEquals(4, log.recoveryPoint());

    PartitionLog again = crashAndReopen(Tearing.LOSE_ALL);

    assertEquals(List.of(0L, 1L, 2L, 3L), offsets(again));
    assertEquals(4L * ONE, again.sizeBytes());
  }

  @Test
  void aFlushThatComesInBetweenDoesNotHideWhatIsStillToBeCut() throws StorageException {
    writeBack(0);
    disk.atNextDirectorySync(() -> disk.atNextDirectorySync(log::flush)); // of the new name
    log.truncateTo(3);

    PartitionLog again = crashAndReopen(Tearing.LOSE_ALL);

    assertEquals(List.of(0L, 1L, 2L), offsets(again));
    assertEquals(3L * ONE, again.sizeBytes());
  }

  @Test
  void goesOnWhereItsRecordsEndAlsoBehindAGap() throws StorageException {
    LogSettings compacted = LogSettingsBuilder.from(settings(10 * ONE)).compactPolicy(true).build();
    log.updateSettings(compacted);
    log.appendAsFollower(TestBatch.ofRecords(1).at(20, 0).build(), 0);
    log.truncateTo(15);
    assertEquals(15, log.logEndOffset());
    assertInstanceOf(
        AppendOutcome.Appended.class,
        log.appendAsFollower(TestBatch.ofRecords(1).at(17, 1).build(), 1));

    disk.crash(Tearing.KEEP_ALL);
    fixture.work.forget();
    PartitionLog again = fixture.reopen(compacted, new LogOffsets(0, 0, 0, 0), false);

    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 17L), offsets(again));
  }

  @Test
  void whatWasCutBehindAGapDoesNotComeBackIntoASegmentThatIsBelieved() throws StorageException {
    LogSettings compacted = LogSettingsBuilder.from(settings(10 * ONE)).compactPolicy(true).build();
    log.updateSettings(compacted);
    log.flush();
    log.appendAsFollower(TestBatch.ofRecords(1).at(20, 0).build(), 0);
    writeBack(0);
    log.truncateTo(15);

    PartitionLog again = crashAndReopen(Tearing.LOSE_ALL);

    assertEquals(6, again.logEndOffset());
    assertEquals(6L * ONE, again.sizeBytes());
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), offsets(again));
  }

  @Test
  void segmentsBehindTheCutDoNotComeBack() throws StorageException {
    for (int i = 0; i < 30; i++) {
      fixture.append(log, batch(1));
    }
    for (long base = 0; base < 36; base += 10) {
      writeBack(base);
    }
    log.truncateTo(3);

    PartitionLog again = crashAndReopen(Tearing.LOSE_ALL);

    assertEquals(List.of(0L, 1L, 2L), offsets(again));
  }

  @Test
  void cutsOfCutsAreFoundAsTheyWere() throws StorageException {
    for (int end = 5; end > 0; end--) {
      log.truncateTo(end);
      fixture.append(log, batch(1), 6 - end);
      log.truncateTo(end);
    }
    fixture.append(log, batch(1), 9);

    PartitionLog again = crashAndReopen(Tearing.KEEP_ALL);

    assertEquals(List.of(0L, 1L), offsets(again));
    assertEquals(9, again.leaderEpochAt(1));
  }

  /** Wherever it fails, the log is as before or as cut, and can be cut and written to again. */
  @ParameterizedTest
  @EnumSource(Tearing.class)
  void leavesALogWhereverItIsInterrupted(Tearing tearing) throws StorageException {
    for (int step = 0; step < 12; step++) {
      for (long seed = 0; seed < 20; seed++) {
        begin(seed);
        writeBack(0);
        disk.failWritesFrom(step);
        boolean cut = truncateOrFail();
        disk.healWrites();

        PartitionLog again = crashAndReopen(tearing);

        long end = again.logEndOffset();
        String run = tearing + " step " + step + " seed " + seed + " end " + end;
        assertTrue(cut ? end == 3 : end == 3 || end == 6, run);
        assertEquals(LongStream.range(0, end).boxed().toList(), offsets(again), run);
        again.truncateTo(3);
        fixture.append(again, batch(1), 1);
        assertEquals(List.of(0L, 1L, 2L, 3L), offsets(again), run);
      }
    }
  }

  /** Where gaps are believed, nothing but the order of the steps keeps a hole out of the log. */
  @ParameterizedTest
  @EnumSource(Tearing.class)
  void leavesNoHoleInALogThatHasGaps(Tearing tearing) throws StorageException {
    LogSettings compacted = LogSettingsBuilder.from(settings(2 * ONE)).compactPolicy(true).build();
    for (int step = 0; step < 20; step++) {
      for (long seed = 0; seed < 20; seed++) {
        begin(seed);
        log.updateSettings(settings(2 * ONE));
        fixture.append(log, batch(1)); // without a key, which a compacted log refuses
        fixture.append(log, batch(1));
        log.updateSettings(compacted);
        writeBack(0);
        writeBack(6);
        disk.failWritesFrom(step);
        boolean cut = truncateOrFail();
        disk.healWrites();

        disk.crash(tearing);
        fixture.work.forget();
        PartitionLog again = fixture.reopen(compacted, new LogOffsets(0, 0, 0, 0), false);

        String run = tearing + " step " + step + " seed " + seed;
        List<Long> found = offsets(again);
        assertEquals(LongStream.range(0, found.size()).boxed().toList(), found, run);
        assertTrue(cut ? found.size() == 3 : found.size() >= 3, run + " " + found);
      }
    }
  }

  /** Tried again, it finds the cut done or not begun; else the directory has gone offline. */
  @Test
  void runsOutOfRoomBeforeItBeginsOrFails() throws StorageException {
    int failures = 0;
    for (int step = 0; step < 60; step++) {
      begin(step);
      log.updateSettings(settings(2 * ONE));
      fixture.append(log, batch(1));
      for (int sequence = 0; sequence < 4; sequence++) {
        fixture.append(log, TestBatch.ofRecords(1).producer(9, 0, sequence).build());
      }
      fixture.work.runAll();
      log.flush();
      fixture.append(log, batch(1), 1);
      disk.refuseWritesFrom(step);
      boolean _ = truncateOrFail();
      disk.healWrites();
      if (!fixture.diskFailures.isEmpty()) {
        failures++;
        continue;
      }
      log.truncateTo(3);

      String run = "step " + step;
      assertEquals(List.of(0L, 1L, 2L), offsets(log), run);
      assertEquals(List.of(), log.producers(), run);
      assertInstanceOf(
          AppendOutcome.Appended.class,
          log.appendAsLeader(TestBatch.ofRecords(1).producer(9, 0, 0).build(), 2, 1),
          run);
      log.close();
      PartitionLog again = fixture.reopen(settings(2 * ONE), new LogOffsets(0, 4, 0), true);
      assertEquals(List.of(0L, 1L, 2L, 3L), offsets(again), run);
    }
    assertTrue(failures > 0 && failures < 60, "failures " + failures);
  }

  private boolean truncateOrFail() {
    try {
      log.truncateTo(3);
      return true;
    } catch (StorageException interrupted) {
      return false;
    }
  }

  /** As the kernel does by itself; the log does not hear of it. */
  private void writeBack(long baseOffset) throws StorageException {
    Path segment = SegmentFiles.path(fixture.directory, baseOffset, SegmentFiles.LOG_SUFFIX);
    try (var file = disk.open(segment, OpenMode.READ_WRITE)) {
      file.force(true);
    }
    disk.syncDirectory(fixture.directory);
  }

  private PartitionLog crashAndReopen(Tearing tearing) throws StorageException {
    disk.crash(tearing);
    fixture.work.forget();
    return fixture.reopen(settings(10 * ONE), new LogOffsets(0, log.recoveryPoint(), 0), false);
  }
}
