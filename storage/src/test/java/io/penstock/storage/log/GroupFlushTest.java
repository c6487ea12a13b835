package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.offsets;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Up to where a log with {@code flush.messages} may be acknowledged, and what that is worth. */
class GroupFlushTest {
  private static final int ONE = batch(1).remaining();

  private FakeDisk disk;
  private LogFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    fixture = new LogFixture(disk);
  }

  private static LogSettings flushing(int segmentBytes, long messages) {
    return LogSettingsBuilder.from(settings(segmentBytes)).flushMessages(messages).build();
  }

  @Test
  void everyAppendIsAckableAtOnceWhereNothingIsAskedFor() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));

    fixture.append(log, batch(3));

    assertEquals(3, log.ackableEndOffset());
    assertEquals(0, fixture.work.syncs());
  }

  @Test
  void appendIsAckableOnlyBehindItsFsync() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    List<Long> told = new ArrayList<>();
    log.whenAckable(() -> told.add(log.ackableEndOffset()));

    fixture.append(log, batch(2));
    assertEquals(0, log.ackableEndOffset());
    assertEquals(2, log.logEndOffset());
    fixture.work.runSyncing();

    assertEquals(List.of(2L), told);
    assertEquals(2, log.ackableEndOffset());
    PartitionLog recovered = crashAndReopen(Tearing.LOSE_ALL, flushing(1 << 20, 1));
    assertEquals(List.of(0L), offsets(recovered));
  }

  @Test
  void appendsDuringAFlushShareTheNextOne() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    fixture.append(log, batch(1));
    // Runs as a part of the first flush, behind the point at which its target was taken.
    log.beforeFirstFlush(() -> {
      fixture.append(log, batch(1));
      fixture.append(log, batch(1));
      fixture.append(log, batch(1));
    });

    fixture.work.runOneSync();
    assertEquals(1, log.ackableEndOffset());
    assertEquals(1, fixture.work.syncs());
    fixture.work.runOneSync();

    assertEquals(4, log.ackableEndOffset());
    assertEquals(0, fixture.work.syncs());
  }

  @Test
  void appendsBetweenTheDuePointsAreAckableAtOnce() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 3));

    fixture.append(log, batch(2));
    assertEquals(2, log.ackableEndOffset());
    fixture.append(log, batch(1));
    assertEquals(2, log.ackableEndOffset(), "the third record makes a flush due");
    fixture.work.runSyncing();
    assertEquals(3, log.ackableEndOffset());
    fixture.append(log, batch(2));

    assertEquals(5, log.ackableEndOffset());
    assertEquals(0, fixture.work.syncs());
  }

  @Test
  void flushForAnotherReasonReleasesAcksToo() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    fixture.append(log, batch(1));

    log.flush();

    assertEquals(1, log.ackableEndOffset());
  }

  @Test
  void segmentsThatWereRolledMeanwhileAreForcedToo() throws StorageException {
    PartitionLog log = fixture.create(flushing(2 * ONE, 1));
    for (int i = 0; i < 7; i++) {
      fixture.append(log, batch(1));
    }
    fixture.work.runSyncing();
    assertEquals(7, log.ackableEndOffset());
    assertEquals(0, log.recoveryPoint());

    PartitionLog recovered = crashAndReopen(Tearing.LOSE_ALL, flushing(2 * ONE, 1));

    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L), offsets(recovered));
  }

  @Test
  void whatAFailedFsyncWasToForceIsNeverAckable() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    fixture.append(log, batch(1));
    disk.failWritesFrom(0);
    fixture.work.runSyncing();
    disk.healWrites();
    assertEquals(1, fixture.work.failures.size());

    // The kernel has forgotten the pages: an fsync that succeeds now would not speak of them.
    log.flushIfDue(fixture.nowMs.get());
    fixture.work.runAll();

    assertEquals(0, log.ackableEndOffset());
  }

  @Test
  void failedFsyncForWantOfRoomIsNoFullDisk() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    fixture.append(log, batch(1));
    disk.failSyncsForWantOfRoom();

    fixture.work.runSyncing();

    assertEquals(1, fixture.work.failures.size());
    assertTrue(fixture.work.failures.getFirst().getCause() instanceof DiskFullException);
  }

  @Test
  void flushThatFoundNoRoomIsAskedForAgain() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    boolean[] full = {true};
    log.beforeFirstFlush(() -> {
      if (full[0]) {
        throw new DiskFullException("no room", fixture.directory, null);
      }
    });
    fixture.append(log, batch(1));
    fixture.work.runSyncing();
    assertEquals(0, log.ackableEndOffset());

    full[0] = false;
    log.flushIfDue(fixture.nowMs.get());
    fixture.work.runSyncing();

    assertEquals(1, log.ackableEndOffset());
  }

  @Test
  void acksAreReleasedWhenTheTopicAsksForFlushesNoMore() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    fixture.append(log, batch(1));
    List<Long> told = new ArrayList<>();
    log.whenAckable(() -> told.add(log.ackableEndOffset()));

    log.updateSettings(settings(1 << 20));

    assertEquals(List.of(1L), told);
    log.updateSettings(flushing(1 << 20, 1));
    assertEquals(1, log.ackableEndOffset(), "what could be acknowledged is not taken back");
  }

  @Test
  void whatARecoveryFoundIsHeldUntilItIsFlushed() throws StorageException {
    fixture.append(fixture.create(flushing(1 << 20, 1)), batch(3));
    PartitionLog recovered = crashAndReopen(Tearing.KEEP_ALL, flushing(1 << 20, 1));
    assertEquals(3, recovered.logEndOffset());
    assertEquals(0, recovered.ackableEndOffset());

    recovered.flushWhatIsHeld();
    fixture.work.runSyncing();

    assertEquals(3, recovered.ackableEndOffset());
  }

  @Test
  void truncationDuringAFlushIsNotUndoneByIt() throws StorageException {
    PartitionLog log = fixture.create(flushing(1 << 20, 1));
    fixture.append(log, batch(1));
    fixture.work.runSyncing();
    fixture.append(log, batch(1));
    fixture.append(log, batch(1));
    log.beforeFirstFlush(() -> log.truncateTo(1));

    fixture.work.runOneSync();
    fixture.append(log, batch(1));
    assertEquals(1, log.ackableEndOffset());
    fixture.work.runSyncing();

    assertEquals(2, log.ackableEndOffset());
  }

  /** Whatever else happens to the log, what could be acknowledged is there after a power loss. */
  @ParameterizedTest
  @EnumSource(Tearing.class)
  void everythingAckableSurvivesAPowerLoss(Tearing tearing) throws StorageException {
    for (long seed = 0; seed < 200; seed++) {
      try {
        runOnce(seed, tearing);
      } catch (StorageException | RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed + " " + tearing, failure);
      }
    }
  }

  private static void runOnce(long seed, Tearing tearing) throws StorageException {
    Random random = new Random(seed);
    FakeDisk disk = new FakeDisk(seed);
    LogFixture fixture = new LogFixture(disk);
    LogSettings settings = flushing(10 * ONE, 1 + random.nextInt(3) * 2);
    PartitionLog log = fixture.create(settings);
    for (int step = 0; step < 100; step++) {
      int dice = random.nextInt(100);
      if (dice < 60) {
        fixture.append(log, batch(1 + random.nextInt(4)));
      } else if (dice < 80 && fixture.work.syncs() > 0) {
        fixture.work.runOneSync();
      } else if (dice < 85) {
        fixture.work.runAll();
      } else if (dice < 88) {
        List<Long> batches = offsets(log);
        log.truncateTo(batches.isEmpty() ? 0 : batches.getLast());
      } else if (dice < 92) {
        // With more than one record to a flush, the last few are at the mercy of the disk.
        long ackable = settings.flushMessages() == 1 ? log.ackableEndOffset() : log.recoveryPoint();
        long checkpointed = random.nextBoolean() ? log.recoveryPoint() : log.recoveryPoint() / 2;
        disk.crash(tearing);
        fixture.work.forget();
        log = fixture.reopen(settings, new LogOffsets(0, checkpointed, 0), false);
        long end = log.logEndOffset();
        assertTrue(end >= ackable, "ackable " + ackable + ", found " + end);
        offsets(log);
      }
    }
  }

  private PartitionLog crashAndReopen(Tearing tearing, LogSettings settings)
      throws StorageException {
    disk.crash(tearing);
    fixture.work.forget();
    return fixture.reopen(settings, LogOffsets.ZERO, false);
  }
}
