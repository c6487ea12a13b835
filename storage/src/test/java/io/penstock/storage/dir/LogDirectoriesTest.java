package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.ReadOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node's data directories, on a real disk where names and locks matter. */
@Timeout(60)
class LogDirectoriesTest {
  private static final UUID TOPIC = new UUID(3, 4);
  private static final LogId FIRST = new LogId("orders", TOPIC, 0);
  private static final LogId SECOND = new LogId("orders", TOPIC, 1);

  @TempDir Path temporary;

  @Test
  void findsItsLogsAgainAfterACleanStop() throws Exception {
    Path data = temporary.resolve("data");
    try (LogDirectories logs = open(Disks.local(), data)) {
      PartitionLog log = logs.create(FIRST, LogSettings.defaults());
      append(log, 3);
      log.recordHighWatermark(2);
    }
    assertTrue(Files.exists(data.resolve(CleanShutdownMark.FILE_NAME)));

    try (LogDirectories logs = open(Disks.local(), data)) {
      assertFalse(Files.exists(data.resolve(CleanShutdownMark.FILE_NAME)));
      PartitionLog log = opened(logs, FIRST);
      assertEquals(3, log.logEndOffset());
      assertEquals(2, log.recordedHighWatermark());
      assertEquals(3, log.recoveryPoint());
    }
  }

  @Test
  void recoversWhatAKilledProcessLeft() throws Exception {
    FakeDisk disk = new FakeDisk(7);
    Path data = Path.of("/data");
    LogDirectories killed = open(disk, data);
    append(killed.create(FIRST, LogSettings.defaults()), 5);
    disk.crash(FakeDisk.Tearing.KEEP_ALL);

    try (LogDirectories logs = open(disk, data)) {
      assertEquals(5, opened(logs, FIRST).logEndOffset());
    }
  }

  @Test
  void refusesADirectoryThatIsInUse() throws Exception {
    Path data = temporary.resolve("data");
    LogDirectories holder = open(Disks.local(), data);

    StorageException refused =
        assertThrows(StorageException.class, () -> open(Disks.local(), data));

    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("in use by process"), message);
    holder.close();
    open(Disks.local(), data).close();
  }

  @Test
  void createsAThousandLogsAndSpreadsThem() throws Exception {
    List<LogId> ids = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      ids.add(new LogId("many", TOPIC, i));
    }
    Path one = temporary.resolve("one");
    Path two = temporary.resolve("two");

    try (LogDirectories logs = open(Disks.local(), one, two)) {
      List<PartitionLog> created = logs.createAll(ids, LogSettings.defaults());
      assertEquals(ids, created.stream().map(PartitionLog::id).toList());
    }

    assertEquals(500, logsIn(one));
    assertEquals(500, logsIn(two));
    assertEquals(
        TOPIC,
        PartitionMetadataFile.read(Disks.local(), logDirectories(one).getFirst()).orElseThrow());
  }

  @Test
  void deletesALogInTheBackground() throws Exception {
    Path data = temporary.resolve("data");
    try (LogDirectories logs = open(Disks.local(), data)) {
      PartitionLog log = logs.create(FIRST, LogSettings.defaults());
      append(log, 3);
      ReadOutcome.Slice read =
          assertInstanceOf(ReadOutcome.Slice.class, log.read(0, 1000, 3, true));

      logs.delete(FIRST);

      assertTrue(logs.log(FIRST).isEmpty());
      assertFalse(Files.exists(data.resolve(FIRST.directoryName())));
      assertThrows(StorageException.class, () -> append(log, 1));
      logs.create(new LogId("orders", new UUID(9, 9), 0), LogSettings.defaults());
      read.slice().release();
      Awaitility.await().untilAsserted(() -> assertEquals(1, logsIn(data)));
    }
  }

  @Test
  void goesOnWithADeletionThatWasInterrupted() throws Exception {
    Path data = temporary.resolve("data");
    Path half = data.resolve("gone-0.0123456789abcdef0123456789abcdef-delete");
    Files.createDirectories(half);
    Files.writeString(half.resolve("00000000000000000000.log"), "x");

    try (LogDirectories logs = open(Disks.local(), data)) {
      assertTrue(logs.found().isEmpty());
      Awaitility.await().untilAsserted(() -> assertFalse(Files.exists(half)));
    }
  }

  @Test
  void leavesAloneWhatIsNoLogOfItsOwn() throws Exception {
    Path data = temporary.resolve("data");
    for (String name :
        List.of(
            "__cluster_metadata-0",
            "a-0.0123-future",
            "a-0.0123-stray",
            "lost+found",
            "backup-2024")) {
      Files.createDirectories(data.resolve(name));
    }

    try (LogDirectories logs = open(Disks.local(), data)) {
      assertTrue(logs.found().isEmpty());
    }

    assertTrue(Files.exists(data.resolve("__cluster_metadata-0")));
    assertTrue(Files.exists(data.resolve("backup-2024")));
  }

  @Test
  void neverGivesANewTopicTheRecordsOfAnOldOne() throws Exception {
    Path data = temporary.resolve("data");
    try (LogDirectories logs = open(Disks.local(), data)) {
      append(logs.create(FIRST, LogSettings.defaults()), 3);
    }

    try (LogDirectories logs = open(Disks.local(), data)) {
      assertEquals(Set.of(FIRST), logs.found().keySet());
      opened(logs, FIRST);
      LogId again = new LogId("orders", new UUID(5, 6), 0);
      logs.delete(FIRST);
      assertEquals(0, logs.create(again, LogSettings.defaults()).logEndOffset());
    }
  }

  @Test
  void closesAndKeepsAnOpenLogWhoseNameANewOneTakes() throws Exception {
    Path data = temporary.resolve("data");
    LogId again = new LogId("orders", new UUID(5, 6), 0);
    try (LogDirectories logs = open(Disks.local(), data)) {
      PartitionLog old = logs.create(FIRST, LogSettings.defaults());
      append(old, 5);
      old.deleteRecordsBefore(4);

      append(logs.create(again, LogSettings.defaults()), 2);

      assertTrue(logs.log(FIRST).isEmpty());
      assertThrows(StorageException.class, () -> append(old, 1));
    }
    assertEquals(2, logsIn(data));
    try (LogDirectories logs = open(Disks.local(), data)) {
      assertEquals(Set.of(again), logs.found().keySet());
      assertEquals(0, opened(logs, again).logStartOffset());
      assertEquals(2, opened(logs, again).logEndOffset());
    }
  }

  @Test
  void startsANewTopicAtZeroWhereAnOldOneOfItsNameStartedLater() throws Exception {
    FakeDisk disk = new FakeDisk(8);
    Path data = Path.of("/data");
    LogId again = new LogId("orders", new UUID(5, 6), 0);
    try (LogDirectories logs = open(disk, data)) {
      PartitionLog old = logs.create(FIRST, LogSettings.defaults());
      append(old, 5);
      old.recordHighWatermark(5);
      old.deleteRecordsBefore(4);
    }
    LogDirectories killed = open(disk, data);
    opened(killed, FIRST);
    killed.delete(FIRST);
    append(killed.create(again, LogSettings.defaults()), 2);
    // Its threads do not die with the disk's life: nothing of them may meet those of the next.
    Awaitility.await().untilAsserted(() -> assertEquals(List.of(), beingDeleted(disk, data)));

    disk.crash(FakeDisk.Tearing.KEEP_ALL);

    try (LogDirectories logs = open(disk, data)) {
      PartitionLog log = opened(logs, again);
      assertEquals(0, log.logStartOffset());
      assertEquals(2, log.logEndOffset());
    }
  }

  @Test
  void takesTheRecoveryPointBackBeforeFlushedRecordsAreCut() throws Exception {
    FakeDisk disk = new FakeDisk(9);
    Path data = Path.of("/data");
    Checkpoint points = new Checkpoint(disk, data, Checkpoint.RECOVERY_POINTS);
    try (LogDirectories logs = open(disk, data)) {
      PartitionLog log = logs.create(FIRST, LogSettings.defaults());
      append(log, 5);
      log.flush();

      log.truncateTo(2);

      assertEquals(2, points.read().get(new Checkpoint.Partition("orders", 0)));
    }
  }

  @Test
  void takesOnlyTheLogsOfAFailedDirectoryOffline() throws Exception {
    FakeDisk disk = new FakeDisk(11);
    Path good = Path.of("/good");
    Path bad = Path.of("/bad");
    List<Path> offline = new CopyOnWriteArrayList<>();
    List<Set<LogId>> lost = new CopyOnWriteArrayList<>();
    LogDirectories logs = open(disk, good, bad);
    logs.addListener((directory, ids, cause) -> {
      offline.add(directory);
      lost.add(ids);
    });
    List<PartitionLog> two = logs.createAll(List.of(FIRST, SECOND), LogSettings.defaults());
    PartitionLog onGood = two.getFirst();
    PartitionLog onBad = two.getLast();
    append(onGood, 1);
    append(onBad, 1);

    disk.failUnder(bad);

    assertThrows(StorageException.class, () -> append(onBad, 1));
    Awaitility.await().untilAsserted(() -> assertEquals(List.of(bad), offline));
    assertEquals(List.of(Set.of(SECOND)), lost);
    append(onGood, 1);
    assertTrue(logs.log(SECOND).isEmpty());
    assertEquals(2, logs.log(FIRST).orElseThrow().logEndOffset());
    assertTrue(logs.describe().getLast().offlineCause().isPresent());
    LogId third = new LogId("orders", TOPIC, 2);
    assertTrue(logs.create(third, LogSettings.defaults()).directory().startsWith(good));
    logs.close();
  }

  @Test
  void aDirectoryThatIsLeftOutAtTheStartIsNotOnline() throws Exception {
    FakeDisk disk = new FakeDisk(12);
    Path good = Path.of("/good");
    Path bad = Path.of("/bad");
    open(disk, good, bad).close();
    disk.failUnder(bad);

    try (LogDirectories logs = open(disk, good, bad)) {
      assertEquals(List.of(good), logs.online());
    }
  }

  @Test
  void removesALogWhoseCreationAPowerFailureUndid() throws Exception {
    Path data = temporary.resolve("data");
    Path unborn = data.resolve("orders-0");
    Files.createDirectories(unborn);
    Files.createFile(unborn.resolve(PartitionMetadataFile.FILE_NAME));
    Files.createFile(unborn.resolve("00000000000000000000.log"));

    try (LogDirectories logs = open(Disks.local(), data)) {
      assertTrue(logs.found().isEmpty());
      Awaitility.await().untilAsserted(() -> assertFalse(Files.exists(unborn)));
    }
  }

  @Test
  void keepsTheCheckpointsOfLogsThatAreNotOpenYet() throws Exception {
    Path data = temporary.resolve("data");
    try (LogDirectories logs = open(Disks.local(), data)) {
      PartitionLog log = logs.create(FIRST, LogSettings.defaults());
      append(log, 4);
      log.recordHighWatermark(4);
      log.deleteRecordsBefore(3);
    }
    OffsetCheckpoints checkpoints = new OffsetCheckpoints(Disks.local(), data);
    checkpoints.load(Set.of(FIRST));

    checkpoints.write(List.of());

    try (LogDirectories logs = open(Disks.local(), data)) {
      assertEquals(3, opened(logs, FIRST).logStartOffset());
    }
  }

  @Test
  void aFoundLogLosesNothingBeforeItsTopicsSettingsHaveCome() throws Exception {
    Path data = temporary.resolve("data");
    LogSettings expiring = LogSettingsBuilder.fromDefaults().retention(1, 1).build();
    LogSettings compacting = LogSettingsBuilder.fromDefaults().compactPolicy(true).build();
    try (LogDirectories logs = open(Disks.local(), data)) {
      PartitionLog log = logs.create(FIRST, LogSettings.defaults());
      append(log, 3);
      log.recordHighWatermark(3);
    }
    long laterMs = System.currentTimeMillis() + 1_000_000;

    try (LogDirectories logs = open(Disks.local(), _ -> expiring, data)) {
      PartitionLog log = opened(logs, FIRST);
      assertEquals(0, log.applyRetention(laterMs, 3));
      assertEquals(0, log.logStartOffset());

      log.updateSettings(expiring);
      log.applyRetention(laterMs, 3);
      assertEquals(3, log.logStartOffset());
    }
    try (LogDirectories logs = open(Disks.local(), _ -> compacting, data)) {
      PartitionLog log = opened(logs, FIRST);
      assertTrue(log.compactionSettings().isEmpty());

      log.updateSettings(compacting);
      assertTrue(log.compactionSettings().isPresent());
    }
  }

  private static LogDirectories open(Disk disk, Path... paths) throws StorageException {
    return open(disk, _ -> LogSettings.defaults(), paths);
  }

  private static LogDirectories open(
      Disk disk, Function<LogId, LogSettings> settings, Path... paths) throws StorageException {
    return LogDirectories.open(
        List.of(paths),
        LogDirectoriesSettings.defaults(),
        settings,
        new LogDirectories.Environment(
            disk,
            new MetricRegistry(),
            System::currentTimeMillis,
            BatchTimestampScanner.HEADERS_ONLY));
  }

  private static PartitionLog opened(LogDirectories logs, LogId id) throws Exception {
    CompletionStage<PartitionLog> opening = logs.found().get(id);
    assertNotNull(opening);
    return opening.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void append(PartitionLog log, int batches) throws StorageException {
    for (int i = 0; i < batches; i++) {
      assertInstanceOf(
          AppendOutcome.Appended.class,
          log.appendAsLeader(TestBatch.ofRecords(1).build(), 0, System.currentTimeMillis()));
    }
  }

  private static List<Path> beingDeleted(Disk disk, Path data) throws StorageException {
    return disk.list(data).stream().filter(path -> path.toString().endsWith("-delete")).toList();
  }

  private static long logsIn(Path data) throws IOException {
    return logDirectories(data).size();
  }

  private static List<Path> logDirectories(Path data) throws IOException {
    try (Stream<Path> all = Files.list(data)) {
      return all.filter(Files::isDirectory).toList();
    }
  }
}
