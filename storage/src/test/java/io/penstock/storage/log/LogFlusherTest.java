package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes durable, when, and what the recovery point says of it. */
class LogFlusherTest {
  private static final int ONE = batch(1).remaining();

  private FakeDisk disk;
  private LogFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    fixture = new LogFixture(disk);
  }

  @Test
  void movesTheRecoveryPointOnlyBehindTheFsync() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    for (int i = 0; i < 5; i++) {
      fixture.append(log, batch(1));
    }
    assertEquals(0, log.recoveryPoint());

    fixture.work.runFlushing();
    assertEquals(4, log.recoveryPoint());
    assertTrue(disk.exists(fixture.directory.resolve("00000000000000000004.snapshot")));

    log.flush();
    assertEquals(5, log.recoveryPoint());
  }

  @Test
  void sealsASegmentThatWasFlushedToItsEndBeforeTheRoll() throws StorageException {
    PartitionLog log = fixture.create(settings(4 * ONE));
    for (int i = 0; i < 4; i++) {
      fixture.append(log, batch(1));
    }
    log.flush();
    assertEquals(4, log.recoveryPoint());

    fixture.append(log, batch(1));
    fixture.work.runFlushing();

    Path index = fixture.directory.resolve("00000000000000000000.index");
    assertTrue(disk.readSmall(index, 1 << 20).length < 100);
  }

  @Test
  void forcesTheNamesOfIndexesThatCameLaterThanTheirSegments() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(1));
    log.flush();
    fixture.append(log, batch(1));
    fixture.append(log, batch(1));
    log.flush();

    disk.crash(FakeDisk.Tearing.LOSE_ALL);

    assertTrue(disk.exists(fixture.directory.resolve("00000000000000000000.index")));
  }

  @Test
  void leavesItToTheFirstFlushToForceWhatARecoveryFound() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE));
    for (int i = 0; i < 7; i++) {
      fixture.append(log, batch(1));
    }
    disk.crash(FakeDisk.Tearing.KEEP_ALL);
    fixture.work.forget();
    PartitionLog recovered = fixture.reopen(settings(2 * ONE), LogOffsets.ZERO, false);
    Path index = fixture.directory.resolve("00000000000000000002.index");
    assertEquals(64 << 10, disk.readSmall(index, 1 << 20).length);

    recovered.flushIfDue(fixture.nowMs.get());
    fixture.work.runFlushing();

    assertEquals(7, recovered.recoveryPoint());
    assertEquals(8, disk.readSmall(index, 1 << 20).length);
  }

  @Test
  void endsAFlushQuietlyWhenTheLogIsDeletedMeanwhile() throws StorageException {
    PartitionLog log = fixture.create(settings(2 * ONE));
    for (int i = 0; i < 5; i++) {
      fixture.append(log, batch(1), i);
    }
    log.beforeFirstFlush(() -> {
      log.abandon();
      disk.rename(fixture.directory, Path.of("/data/topic-0.x-delete"));
    });

    fixture.work.runAll();

    assertEquals(List.of(), fixture.work.failures);
  }

  @Test
  void asksOnceForAFlushThatIsDue() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    fixture.append(log, batch(1));
    fixture.nowMs.addAndGet(LogFlusher.FLUSH_EACH_MS);

    log.flushIfDue(fixture.nowMs.get());
    log.flushIfDue(fixture.nowMs.get());

    assertEquals(1, fixture.work.flushes());
    fixture.work.runFlushing();
    assertEquals(1, log.recoveryPoint());
    fixture.append(log, batch(1));
    log.flushIfDue(fixture.nowMs.get() - 3_600_000);
    fixture.work.runFlushing();
    assertEquals(2, log.recoveryPoint(), "the clock was set back");
  }

  @Test
  void flushesSoonWhatARecoveryFoundUnflushed() throws StorageException {
    fixture.append(fixture.create(settings(1 << 20)), batch(3));
    disk.crash(FakeDisk.Tearing.KEEP_ALL);
    fixture.work.forget();
    PartitionLog recovered = fixture.reopen(settings(1 << 20), LogOffsets.ZERO, false);

    recovered.flushIfDue(fixture.nowMs.get());
    fixture.work.runFlushing();

    assertEquals(3, recovered.recoveryPoint());
  }

  @Test
  void flushesWhatHasWaitedAsLongAsTheTopicAllows() throws StorageException {
    PartitionLog log =
        fixture.create(LogSettingsBuilder.from(settings(1 << 20)).flushMs(500).build());
    fixture.append(log, batch(1));

    log.flushIfDue(fixture.nowMs.addAndGet(499));
    assertEquals(0, fixture.work.flushes());
    log.flushIfDue(fixture.nowMs.addAndGet(1));

    assertEquals(1, fixture.work.flushes());
    fixture.work.runFlushing();
    assertEquals(1, log.recoveryPoint());
    log.flushIfDue(fixture.nowMs.addAndGet(500));
    assertEquals(0, fixture.work.flushes(), "nothing is left to flush");
  }
}
