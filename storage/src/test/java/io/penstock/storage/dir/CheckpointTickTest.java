package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a data directory writes down how far its logs are, by a clock in the test's hands. */
@Timeout(60)
class CheckpointTickTest {
  private static final Path DATA = Path.of("/data");
  private static final int ONE = TestBatch.ofRecords(1).build().remaining();
  private static final long START_MS = 1_000_000;

  private final FakeDisk disk = new FakeDisk(3);
  private final AtomicLong nowMs = new AtomicLong(START_MS);
  private LogDirectory directory;
  private PartitionLog log;

  @BeforeEach
  void createALogOfTwoSegments() throws StorageException {
    directory = LogDirectoryFixture.open(disk, DATA, new MetricRegistry(), nowMs::get);
    LogSettings settings = LogSettingsBuilder.fromDefaults().segmentBytes(ONE).build();
    LogId id = new LogId("orders", new UUID(3, 4), 0);
    log = directory.create(List.of(id), settings).getFirst();
    log.appendAsLeader(TestBatch.ofRecords(1).build(), 0, START_MS);
    log.appendAsLeader(TestBatch.ofRecords(1).build(), 0, START_MS);
    log.flush();
    directory.tick(START_MS);
    Awaitility.await().untilAsserted(() -> assertEquals(2, read(Checkpoint.RECOVERY_POINTS)));
  }

  @AfterEach
  void close() throws StorageException {
    directory.close(-1);
  }

  @Test
  void writesHighWatermarksOnceAMinute() throws StorageException {
    log.recordHighWatermark(1);

    directory.tick(START_MS + 59_999);
    passTheLaneOfFlushes();
    assertEquals(0, read(Checkpoint.HIGH_WATERMARKS));
    directory.tick(START_MS + 60_000);

    Awaitility.await().untilAsserted(() -> assertEquals(1, read(Checkpoint.HIGH_WATERMARKS)));
  }

  @Test
  void writesARecoveryPointSoonAfterTheFlush() throws StorageException {
    log.appendAsLeader(TestBatch.ofRecords(1).build(), 0, START_MS);
    log.flush();

    directory.tick(START_MS + 999);
    passTheLaneOfFlushes();
    assertEquals(2, read(Checkpoint.RECOVERY_POINTS));
    directory.tick(START_MS + 1_000);

    Awaitility.await().untilAsserted(() -> assertEquals(3, read(Checkpoint.RECOVERY_POINTS)));
  }

  @Test
  void writesDownAtOnceThatALogHasGapsAndNothingElse() throws StorageException {
    LogId id = new LogId("keys", new UUID(3, 5), 0);
    LogSettings compacted = LogSettingsBuilder.fromDefaults().compactPolicy(true).build();
    PartitionLog copy = directory.create(List.of(id), compacted).getFirst();
    log.recordHighWatermark(1);

    copy.appendAsFollower(TestBatch.ofRecords(1).at(4, 0).build(), 0);

    Awaitility.await().untilAsserted(() -> assertEquals(5, copy.ackableEndOffset()));
    assertEquals(
        Map.of(new Checkpoint.Partition("keys", 0), 0L),
        new Checkpoint(disk, DATA, Checkpoint.CLEANED).read());
    assertEquals(0, read(Checkpoint.HIGH_WATERMARKS));
  }

  /** What the lane was given before has been done when it has deleted the first segment. */
  private void passTheLaneOfFlushes() throws StorageException {
    int segments = log.segmentCount();
    log.recordHighWatermark(1);
    log.deleteRecordsBefore(1);
    Awaitility.await().untilAsserted(() -> assertEquals(segments - 1, log.segmentCount()));
  }

  private long read(String name) throws StorageException {
    return new Checkpoint(disk, DATA, name)
        .read()
        .getOrDefault(new Checkpoint.Partition("orders", 0), -1L);
  }
}
