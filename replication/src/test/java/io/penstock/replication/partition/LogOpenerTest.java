package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs that a node finds when it starts. */
@Timeout(60)
class LogOpenerTest {
  private static final int PARTITIONS = 10;

  @TempDir private Path directory;

  @Test
  void aLogWhoseDiskFailedSinceItWasRecoveredDoesNotBeginAnew() throws Exception {
    FakeDisk disk = new FakeDisk(21);
    Path good = directory.resolve("good");
    Path bad = directory.resolve("bad");
    List<LogId> wanted = ids(new UUID(1, 1));
    write(disk, bad, wanted);
    try (LogDirectories logs = TestLogs.open(disk, good, bad)) {
      LogOpener opener = new LogOpener(logs);
      awaitFound(logs, wanted);
      takeOffline(disk, bad, await(logs.found(), wanted.getFirst()));

      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);

      for (LogId id : wanted) {
        assertThrows(ExecutionException.class, () -> await(opened, id));
      }
      assertEquals(List.of(), logsIn(disk, good));
      opener.close();
    }
  }

  @Test
  void aLogWhoseDiskFailsWhileItIsRecoveredIsNotUsed() throws Exception {
    FakeDisk fake = new FakeDisk(22);
    Path good = directory.resolve("good");
    Path bad = directory.resolve("bad");
    List<LogId> wanted = ids(new UUID(1, 1));
    write(fake, bad, wanted);
    LogId last = wanted.getLast();
    HeldDisk disk = new HeldDisk(fake);
    disk.holdSegments(bad.resolve(last.directoryName()));
    try (LogDirectories logs = TestLogs.open(disk, good, bad)) {
      disk.awaitHeld();
      takeOffline(fake, bad, await(logs.found(), wanted.getFirst()));

      disk.release();

      assertThrows(ExecutionException.class, () -> await(logs.found(), last));
    }
  }

  @Test
  void aLogThatWasFoundAndDeletedBeginsAnewWhenItComesBack() throws Exception {
    List<LogId> wanted = ids(new UUID(1, 1));
    write(Disks.local(), directory, wanted);
    try (LogDirectories logs = TestLogs.open(Disks.local(), directory)) {
      LogOpener opener = new LogOpener(logs);
      for (LogId id : wanted) {
        await(logs.found(), id);
        opener.delete(id);
      }

      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);

      assertBeginAnew(opened, wanted);
      opener.close();
    }
  }

  @Test
  void aLogThatIsBeingRecoveredIsWaitedForThoughAnOlderOneHasItsName() throws Exception {
    Path ofOld = directory.resolve("old");
    Path ofNew = directory.resolve("new");
    write(Disks.local(), ofOld, ids(new UUID(1, 1)));
    List<LogId> wanted = ids(new UUID(2, 2));
    write(Disks.local(), ofNew, wanted);
    HeldDisk disk = new HeldDisk(Disks.local());
    disk.holdSegments(ofNew);
    try (LogDirectories logs = TestLogs.open(disk, ofOld, ofNew)) {
      awaitFound(logs, ids(new UUID(1, 1)));
      LogOpener opener = new LogOpener(logs);

      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);

      disk.release();
      for (LogId id : wanted) {
        assertEquals(1, await(opened, id).logEndOffset(), id + " is the one that was there");
      }
      opener.close();
    }
  }

  @Test
  void aLogThatComesBackWhileItIsBeingDeletedBeginsAnewAfterThat() throws Exception {
    List<LogId> wanted = ids(new UUID(1, 1));
    write(Disks.local(), directory, wanted);
    HeldDisk disk = new HeldDisk(Disks.local());
    try (LogDirectories logs = TestLogs.open(disk, directory)) {
      LogOpener opener = new LogOpener(logs);
      awaitFound(logs, wanted);
      disk.holdNames();
      wanted.forEach(opener::delete);
      disk.awaitHeld();

      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);

      disk.release();
      for (LogId id : wanted) {
        assertEquals(0, await(opened, id).logEndOffset());
        assertEquals(Optional.of(await(opened, id)), logs.log(id));
      }
      opener.close();
    }
  }

  @Test
  void aLogIsGivenOutThoughItsDeletionEndedByADefectOnce() throws Exception {
    List<LogId> wanted = ids(new UUID(1, 1));
    write(Disks.local(), directory, wanted);
    HeldDisk disk = new HeldDisk(Disks.local());
    try (LogDirectories logs = TestLogs.open(disk, directory)) {
      LogOpener opener = new LogOpener(logs);
      awaitFound(logs, wanted);
      disk.breakNames(true);
      wanted.forEach(opener::delete);
      // All is done in the order asked, so what fails after the deletions says that they are over.
      opener.open(ids(new UUID(2, 2)), _ -> LogSettings.defaults(), _ -> true).values().stream()
          .forEach(stage -> assertThrows(ExecutionException.class, () -> get(stage)));
      disk.breakNames(false);
      for (LogId id : wanted) {
        await(opener.open(wanted, _ -> LogSettings.defaults(), _ -> true), id);
      }

      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> false);

      for (LogId id : wanted) {
        assertEquals(Optional.of(await(opened, id)), logs.log(id));
      }
      opener.close();
    }
  }

  @Test
  void aLogWhoseCreationEndsByADefectIsNotWaitedForForEver() throws Exception {
    List<LogId> wanted = ids(new UUID(1, 1));
    HeldDisk disk = new HeldDisk(Disks.local());
    try (LogDirectories logs = TestLogs.open(disk, directory)) {
      LogOpener opener = new LogOpener(logs);
      disk.breakNames(true);

      Map<LogId, CompletionStage<PartitionLog>> failed =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);

      for (LogId id : wanted) {
        ExecutionException defect = assertThrows(ExecutionException.class, () -> await(failed, id));
        assertInstanceOf(InternalError.class, defect.getCause());
      }
      disk.breakNames(false);
      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);
      assertBeginAnew(opened, wanted);
      opener.close();
    }
  }

  @Test
  void allOldLogsOfANameMakeWayForANewOne() throws Exception {
    List<LogId> older = ids(new UUID(1, 1));
    List<LogId> old = ids(new UUID(2, 2));
    List<LogId> wanted = ids(new UUID(3, 3));
    Path ofOlder = directory.resolve("older");
    Path ofOld = directory.resolve("old");
    write(Disks.local(), ofOlder, older);
    write(Disks.local(), ofOld, old);
    try (LogDirectories logs = TestLogs.open(Disks.local(), ofOlder, ofOld)) {
      awaitFound(logs, logs.found().keySet());
      LogOpener opener = new LogOpener(logs);

      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);

      assertBeginAnew(opened, wanted);
      Stream.of(older, old)
          .flatMap(List::stream)
          .forEach(id -> assertTrue(logs.log(id).isEmpty(), id + " is not open any longer"));
      opener.close();
    }
  }

  @Test
  void oldLogsMakeWayThoughOneBeforeThemCannot() throws Exception {
    List<LogId> old = ids(new UUID(1, 1));
    List<LogId> wanted = ids(new UUID(2, 2));
    Path ofOld = directory.resolve("old");
    write(Disks.local(), ofOld, old);
    HeldDisk disk = new HeldDisk(Disks.local());
    try (LogDirectories logs = TestLogs.open(disk, directory.resolve("new"), ofOld)) {
      awaitFound(logs, old);
      LogOpener opener = new LogOpener(logs);
      disk.breakName(ofOld.resolve(old.getFirst().directoryName()));

      Map<LogId, CompletionStage<PartitionLog>> opened =
          opener.open(wanted, _ -> LogSettings.defaults(), _ -> true);

      assertBeginAnew(opened, wanted);
      old.forEach(id -> assertTrue(logs.log(id).isEmpty(), id + " is not open any longer"));
      opener.close();
    }
  }

  private static List<LogId> ids(UUID topic) {
    return IntStream.range(0, PARTITIONS).mapToObj(p -> new LogId("pipe", topic, p)).toList();
  }

  private static void write(Disk disk, Path directory, List<LogId> ids) throws StorageException {
    try (LogDirectories logs = TestLogs.open(disk, directory)) {
      for (PartitionLog log : logs.createAll(ids, LogSettings.defaults())) {
        append(log);
      }
    }
  }

  private static void append(PartitionLog log) throws StorageException {
    log.appendAsLeader(TestBatch.ofRecords(1).build(), 0, TestLogs.NOW_MS);
  }

  /** One write that fails is enough; the directory stays offline when its disk works again. */
  private static void takeOffline(FakeDisk disk, Path directory, PartitionLog log) {
    disk.failUnder(directory);
    assertThrows(StorageException.class, () -> append(log));
    disk.healWrites();
  }

  private static List<Path> logsIn(Disk disk, Path directory) throws StorageException {
    return disk.list(directory).stream().filter(path -> path.toString().contains("pipe-")).toList();
  }

  private static void awaitFound(LogDirectories logs, Collection<LogId> ids) throws Exception {
    for (LogId id : ids) {
      await(logs.found(), id);
    }
  }

  private static void assertBeginAnew(
      Map<LogId, CompletionStage<PartitionLog>> stages, List<LogId> ids) throws Exception {
    for (LogId id : ids) {
      assertEquals(0, await(stages, id).logEndOffset());
    }
  }

  private static PartitionLog await(Map<LogId, CompletionStage<PartitionLog>> stages, LogId id)
      throws Exception {
    return get(Objects.requireNonNull(stages.get(id)));
  }

  private static PartitionLog get(CompletionStage<PartitionLog> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
