package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.batch.KeyedBatch;
import io.penstock.storage.compact.BatchCodec;
import io.penstock.storage.compact.CleanerSettings;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.log.PartitionLog;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the cleaners do where they only look for logs that are worth it, and the disk refuses. */
@Timeout(60)
class CleanersOnABadDiskTest {
  private static final Path DATA = Path.of("/data");
  private static final long LAG_MS = 5_000;

  private final FakeDisk disk = new FakeDisk(5);
  private final AtomicLong nowMs = new AtomicLong(1_000_000);
  private final MetricRegistry metrics = new MetricRegistry();
  private LogDirectory directory;
  private LogCleaners cleaners;
  private PartitionLog log;

  @BeforeEach
  void createACompactedLog() throws StorageException {
    directory = LogDirectoryFixture.open(disk, DATA, metrics, nowMs::get);
    LogSettings settings =
        LogSettingsBuilder.fromDefaults()
            .compactPolicy(true)
            .segmentMs(LAG_MS)
            .compaction(new CompactionSettings(1.0, 0, LAG_MS, 0))
            .build();
    LogId id = new LogId("keys", new UUID(3, 4), 0);
    log = directory.create(List.of(id), settings).getFirst();
    log.appendAsLeader(KeyedBatch.at(nowMs.get()).record("a", "1").build(), 0, nowMs.get());
    log.flush();
    cleaners =
        new LogCleaners(
            new CleanerSettings(1, 1 << 20, 1 << 20, Throttle.UNLIMITED, 5),
            BatchCodec.NONE,
            metrics,
            nowMs::get,
            () -> Stream.of(directory));
  }

  @AfterEach
  void close() throws StorageException {
    cleaners.close();
    disk.healWrites();
    directory.close(-1);
  }

  private void endsTheIdleSegment() {
    nowMs.addAndGet(LAG_MS + 1);
    cleaners.start();
  }

  private double uncleanable() {
    return (double) metrics.gauge("penstock.cleaner.uncleanable").getValue();
  }

  @Test
  void aDiskThatFailsWhereASegmentIsToEndHasFailed() {
    disk.failWritesFrom(0);

    endsTheIdleSegment();

    Awaitility.await().untilAsserted(() -> assertFalse(directory.isOnline()));
    Awaitility.await().untilAsserted(() -> assertEquals(1.0, uncleanable()));
  }

  @Test
  void aFullDiskWhereASegmentIsToEndIsCountedOnly() {
    disk.refuseWritesFrom(0);

    endsTheIdleSegment();

    Awaitility.await().untilAsserted(() -> assertEquals(1.0, uncleanable()));
    assertTrue(directory.isOnline());
    assertEquals(1, log.segmentCount());
  }

  @Test
  void aLogIsCleanedAsSoonAsItCanBeLookedAtAgain() {
    log.recordHighWatermark(log.logEndOffset());
    disk.refuseWritesFrom(0);
    endsTheIdleSegment();
    Awaitility.await().untilAsserted(() -> assertEquals(1.0, uncleanable()));

    disk.healWrites();

    Awaitility.await().untilAsserted(() -> assertEquals(0.0, uncleanable()));
    Awaitility.await().untilAsserted(() -> assertEquals(log.logEndOffset(), log.cleanedTo()));
  }

  @Test
  void aLogThatIsNotToBeCleanedAnyLongerIsNotCounted() {
    disk.refuseWritesFrom(0);
    endsTheIdleSegment();
    Awaitility.await().untilAsserted(() -> assertEquals(1.0, uncleanable()));

    log.updateSettings(LogSettings.defaults());

    Awaitility.await().untilAsserted(() -> assertEquals(0.0, uncleanable()));
  }
}
