package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a cut does where the disk does not go along with it. */
class LogTruncatorTest {
  private FakeDisk disk;
  private LogFixture fixture;
  private PartitionLog log;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    fixture = new LogFixture(disk);
    log = fixture.create(settings(1 << 20));
    for (int epoch = 0; epoch < 4; epoch++) {
      fixture.append(log, batch(1), epoch);
    }
  }

  @Test
  void cutThatTheDiskRefusesToKeepIsAFailureOfTheDisk() {
    disk.failWritesFrom(1); // what follows the cut of the file: its fsync

    assertThrows(StorageException.class, () -> log.truncateTo(2));

    assertEquals(1, fixture.diskFailures.size());
  }

  @Test
  void beginningAnewThatTheDiskRefusesIsAFailureOfTheDisk() {
    disk.failWritesFrom(0);

    assertThrows(StorageException.class, () -> log.truncateFullyAndStartAt(9));

    assertEquals(1, fixture.diskFailures.size());
  }

  @Test
  void fullDiskIsNoFailureAndLeavesNoProducerOfWhatWasCut() throws StorageException {
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 1, 0).build(), 3);
    log.flush();
    disk.limitCapacity(1); // so that the epochs cannot be written

    assertThrows(DiskFullException.class, () -> log.truncateTo(2));

    assertTrue(fixture.diskFailures.isEmpty());
    assertEquals(2, log.logEndOffset());
    disk.healWrites();
    assertInstanceOf(
        AppendOutcome.Appended.class,
        log.appendAsLeader(TestBatch.ofRecords(1).producer(9, 1, 0).build(), 4, 1));
  }

  @Test
  void checkpointsThatAFullDiskRefusedAreWrittenBeforeTheNextTryCuts() throws StorageException {
    log.flush();
    List<Long> endsWhenWritten = new ArrayList<>();
    log.whenMovedBack(() -> {
      throw new DiskFullException("write", fixture.directory, null);
    });
    assertThrows(DiskFullException.class, () -> log.truncateTo(2));
    assertEquals(4, log.logEndOffset());
    log.whenMovedBack(() -> endsWhenWritten.add(log.logEndOffset()));

    log.truncateTo(2);

    assertEquals(List.of(4L), endsWhenWritten);
    assertEquals(2, log.logEndOffset());
  }

  @Test
  void beginsAnewWhollyWhereNothingCanBeWrittenDown() throws StorageException {
    fixture.append(log, TestBatch.ofRecords(1).producer(9, 1, 0).build(), 3);
    log.flush();
    log.whenMovedBack(() -> {
      throw new DiskFullException("write", fixture.directory, null);
    });

    assertThrows(DiskFullException.class, () -> log.truncateFullyAndStartAt(2));

    assertTrue(fixture.diskFailures.isEmpty());
    assertEquals(2, log.logEndOffset());
    assertEquals(List.of(), log.producers());
    assertEquals(List.of(), log.epochs().entries());
  }

  @Test
  void runningOutOfRoomWhileItBeginsAnewIsAFailureOfTheDisk() {
    disk.refuseWritesFrom(1); // behind the first new name

    assertThrows(StorageException.class, () -> log.truncateFullyAndStartAt(9));

    assertEquals(1, fixture.diskFailures.size());
  }
}
