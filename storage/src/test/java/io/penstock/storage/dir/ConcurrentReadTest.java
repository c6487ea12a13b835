package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.ReadOutcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers beside a writer that rolls, with the real background threads on a real disk. */
@Timeout(120)
class ConcurrentReadTest {
  private static final int BATCHES = 20_000;
  private static final int READERS = 3;

  @TempDir Path temporary;

  @Test
  void everyReaderSeesEveryBatchOnceAndWhole() throws Exception {
    long seed = 42;
    AtomicBoolean written = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(READERS);
    try (LogDirectories directories = open()) {
      PartitionLog log =
          directories.create(new LogId("busy", new UUID(1, 1), 0), segmentsOf(256 << 10));
      List<Future<Long>> ends = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        int number = i;
        ends.add(readers.submit(() -> readAll(log, new Random(seed + number), written)));
      }

      Random random = new Random(seed);
      for (int i = 0; i < BATCHES; i++) {
        ByteBuffer batch = TestBatch.ofRecords(1 + random.nextInt(3)).build();
        assertInstanceOf(AppendOutcome.Appended.class, log.appendAsLeader(batch, 1, 1_000));
      }
      written.set(true);

      for (Future<Long> end : ends) {
        assertEquals(log.logEndOffset(), end.get(60, TimeUnit.SECONDS));
      }
      assertTrue(log.segmentCount() > 4, log.segmentCount() + " segments");
      log.flush();
      assertEquals(log.logEndOffset(), log.recoveryPoint());
    } finally {
      readers.shutdownNow();
    }
  }

  private static long readAll(PartitionLog log, Random random, AtomicBoolean written)
      throws StorageException {
    long next = 0;
    while (true) {
      boolean last = written.get();
      long limit = log.logEndOffset();
      ReadOutcome outcome = log.read(next, 1 + random.nextInt(8_000), limit, true);
      if (outcome instanceof ReadOutcome.Slice(LogSlice slice)) {
        next = check(slice, next, limit);
        slice.release();
      } else {
        assertInstanceOf(ReadOutcome.Empty.class, outcome);
        assertEquals(limit, next);
        if (last) {
          return next;
        }
        Thread.onSpinWait();
      }
    }
  }

  private static long check(LogSlice slice, long first, long limit) throws StorageException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(slice.size());
    slice.file().read(bytes, slice.position());
    bytes.flip();
    long next = first;
    int at = 0;
    while (bytes.limit() - at >= RecordBatch.HEADER_BYTES
        && RecordBatch.sizeInBytes(bytes, at) <= bytes.limit() - at) {
      assertTrue(RecordBatch.hasValidCrc(bytes, at));
      assertEquals(next, RecordBatch.baseOffset(bytes, at));
      next = RecordBatch.lastOffset(bytes, at) + 1;
      at += RecordBatch.sizeInBytes(bytes, at);
    }
    assertTrue(next > first && next <= limit, next + " after " + first + " below " + limit);
    return next;
  }

  private LogDirectories open() throws StorageException {
    return LogDirectories.open(
        List.of(temporary.resolve("data")),
        LogDirectoriesSettings.defaults(),
        id -> LogSettings.defaults(),
        new LogDirectories.Environment(
            Disks.local(),
            new MetricRegistry(),
            System::currentTimeMillis,
            BatchTimestampScanner.HEADERS_ONLY));
  }

  private static LogSettings segmentsOf(int bytes) {
    return LogSettingsBuilder.fromDefaults()
        .segmentBytes(bytes)
        .retention(-1, -1)
        .timestampAfterMaxMs(Long.MAX_VALUE)
        .build();
  }
}
