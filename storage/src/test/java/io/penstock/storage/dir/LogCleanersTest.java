package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.batch.KeyedBatch;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.compact.BatchCodec;
import io.penstock.storage.compact.CleanerSettings;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.compact.ScratchBuffer;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.ReadOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The threads that clean, on a real disk. */
@Timeout(60)
class LogCleanersTest {
  private static final LogId FIRST = new LogId("orders", new UUID(1, 2), 0);
  private static final LogId SECOND = new LogId("orders", new UUID(1, 2), 1);

  @TempDir private Path temporary;
  private final MetricRegistry metrics = new MetricRegistry();

  private final LogSettings settings =
      LogSettingsBuilder.fromDefaults()
          .segmentBytes(4_000)
          .compactPolicy(true)
          .timestampAfterMaxMs(Long.MAX_VALUE)
          .compaction(new CompactionSettings(0, 0, Long.MAX_VALUE, 0))
          .build();

  private LogDirectories open() throws StorageException {
    return open(BatchCodec.NONE);
  }

  private LogDirectories open(BatchCodec codec) throws StorageException {
    return LogDirectories.open(
        List.of(temporary),
        new LogDirectoriesSettings(
            1,
            300_000,
            60_000,
            () -> -1,
            new CleanerSettings(1, 1 << 20, 1 << 20, Throttle.UNLIMITED, 20)),
        _ -> settings,
        new LogDirectories.Environment(
            Disks.local(),
            metrics,
            System::currentTimeMillis,
            BatchTimestampScanner.HEADERS_ONLY,
            codec));
  }

  private static void update(PartitionLog log, int count) throws StorageException {
    for (int i = 0; i < count; i++) {
      long nowMs = System.currentTimeMillis();
      log.appendAsLeader(
          KeyedBatch.at(nowMs).record("key-" + i % 5, "value-" + i).build(), 0, nowMs);
    }
    log.recordHighWatermark(log.logEndOffset());
  }

  @Test
  void cleansByItselfAndRemembersHowFar() throws Exception {
    try (LogDirectories logs = open()) {
      PartitionLog log = logs.create(FIRST, settings);
      update(log, 500);

      Awaitility.await().untilAsserted(() -> assertTrue(log.cleanedTo() > 450));
      Awaitility.await().untilAsserted(() -> assertTrue(log.sizeBytes() < 10_000));
    }

    List<String> lines = Files.readAllLines(temporary.resolve("cleaner-offset-checkpoint"));
    assertEquals("0", lines.get(0));
    assertEquals("1", lines.get(1));
    assertTrue(lines.get(2).startsWith("orders 0 4"), lines.get(2));
    try (LogDirectories logs = open()) {
      PartitionLog again =
          Objects.requireNonNull(logs.found().get(FIRST)).toCompletableFuture().get();
      assertTrue(again.cleanedTo() > 450);
    }
  }

  @Test
  void aBatchThatCannotBeReadStaysAndHoldsUpNoCleaning() throws Exception {
    try (LogDirectories logs = open()) {
      PartitionLog log = logs.create(FIRST, settings);
      log.appendAsLeader(TestBatch.ofRecords(1).attributes(1).body((byte) 7).build(), 0, 1);
      update(log, 500);

      Awaitility.await().untilAsserted(() -> assertTrue(log.cleanedTo() > 450));
      Awaitility.await()
          .untilAsserted(() ->
              assertTrue(metrics.counter("penstock.cleaner.batches.unreadable").getCount() > 0));
      assertEquals(0.0, metrics.gauge("penstock.cleaner.uncleanable").getValue());
      ReadOutcome.Slice first =
          assertInstanceOf(ReadOutcome.Slice.class, log.read(0, 1, 501, true));
      assertEquals(0, first.slice().position());
      first.slice().release();
    }
  }

  @Test
  void aLogThatCannotBeCleanedIsCountedAndHoldsUpNoOther() throws Exception {
    try (LogDirectories logs = open()) {
      PartitionLog bad = logs.create(FIRST, settings);
      bad.appendAsLeader(KeyedBatch.at(1).record("key", "value").build(), 0, 1);
      damageFirstBatch(bad);
      update(bad, 500);
      PartitionLog good = logs.create(SECOND, settings);
      update(good, 500);

      Awaitility.await().untilAsserted(() -> assertTrue(good.cleanedTo() > 450));
      Awaitility.await()
          .untilAsserted(
              () -> assertEquals(1.0, metrics.gauge("penstock.cleaner.uncleanable").getValue()));
      assertEquals(0, bad.cleanedTo());
      assertEquals(501, bad.logEndOffset());
      assertTrue(logs.describe().getFirst().offlineCause().isEmpty());
    }
  }

  @Test
  void anErrorWhileALogIsCleanedIsCountedAndHoldsUpNoOther() throws Exception {
    BatchCodec broken =
        new BatchCodec() {
          @Override
          public void unpack(int codec, ByteBuffer packed, ScratchBuffer into, int bytesMax) {
            throw new InternalError("a fault occurred in an unsafe memory access operation");
          }

          @Override
          public void pack(int codec, ByteBuffer records, ScratchBuffer into) {}
        };
    try (LogDirectories logs = open(broken)) {
      PartitionLog bad = logs.create(FIRST, settings);
      bad.appendAsLeader(TestBatch.ofRecords(1).attributes(1).body((byte) 7).build(), 0, 1);
      update(bad, 500);
      PartitionLog good = logs.create(SECOND, settings);
      update(good, 500);

      Awaitility.await().untilAsserted(() -> assertTrue(good.cleanedTo() > 450));
      Awaitility.await()
          .untilAsserted(
              () -> assertEquals(1.0, metrics.gauge("penstock.cleaner.uncleanable").getValue()));
      assertEquals(0, bad.cleanedTo());
    }
  }

  private static void damageFirstBatch(PartitionLog log) throws IOException {
    Path file = log.directory().resolve("00000000000000000000.log");
    try (FileChannel bytes = FileChannel.open(file, StandardOpenOption.WRITE)) {
      bytes.write(ByteBuffer.wrap(new byte[] {77}), RecordBatch.HEADER_BYTES - 1);
    }
  }
}
