package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.dir.LogDirectories;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs that a node finds when it starts. */
@Timeout(60)
class LogOpenerTest {
  private static final int PARTITIONS = 10;

  @TempDir private Path directory;

  @Test
  void aLogThatIsBeingRecoveredIsWaitedForThoughAnOlderOneHasItsName() throws Exception {
    Path ofOld = directory.resolve("old");
    Path ofNew = directory.resolve("new");
    write(ofOld, ids(new UUID(1, 1)));
    List<LogId> wanted = ids(new UUID(2, 2));
    write(ofNew, wanted);
    HeldDisk disk = new HeldDisk(Disks.local());
    disk.holdSegments(ofNew);
    try (LogDirectories logs = TestLogs.open(disk, ofOld, ofNew)) {
      for (LogId old : ids(new UUID(1, 1))) {
        await(logs.found(), old);
      }
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

  private static List<LogId> ids(UUID topic) {
    return IntStream.range(0, PARTITIONS).mapToObj(p -> new LogId("pipe", topic, p)).toList();
  }

  private static void write(Path directory, List<LogId> ids) throws StorageException {
    try (LogDirectories logs = TestLogs.open(Disks.local(), directory)) {
      for (PartitionLog log : logs.createAll(ids, LogSettings.defaults())) {
        log.appendAsLeader(TestBatch.ofRecords(1).build(), 0, TestLogs.NOW_MS);
      }
    }
  }

  private static PartitionLog await(Map<LogId, CompletionStage<PartitionLog>> stages, LogId id)
      throws Exception {
    CompletionStage<PartitionLog> stage = Objects.requireNonNull(stages.get(id));
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
