package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.index.IndexCache;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome.Appended;
import io.penstock.storage.log.LogServices.SharedCaches;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A log on a disk of the test's choice, with a clock and background work in the test's hands. */
final class LogFixture {
  static final Path DIRECTORY = Path.of("/data/topic-0");
  static final LogId ID = new LogId("topic", new UUID(1, 2), 0);

  final Disk disk;
  final Path directory;
  final ManualWork work = new ManualWork();
  final AtomicLong nowMs = new AtomicLong(1_000_000);
  final List<StorageException> diskFailures = new ArrayList<>();
  final LogMetrics metrics = LogMetrics.in(new MetricRegistry());
  BatchMapBudget batchMaps = new BatchMapBudget(1 << 20);
  OpenFiles openFiles = new OpenFiles(100);

  LogFixture(Disk disk) throws StorageException {
    this(disk, DIRECTORY);
  }

  LogFixture(Disk disk, Path directory) throws StorageException {
    this.disk = disk;
    this.directory = directory;
    disk.createDirectories(directory);
    disk.syncDirectory(directory);
  }

  LogServices services() {
    return new LogServices(
        disk,
        work,
        Runnable::run,
        metrics,
        nowMs::get,
        new SharedCaches(new IndexCache(1 << 20), openFiles, batchMaps),
        BatchTimestampScanner.HEADERS_ONLY,
        diskFailures::add);
  }

  PartitionLog create(LogSettings settings) throws StorageException {
    return PartitionLog.open(ID, directory, settings, services(), LogOffsets.ZERO, true);
  }

  PartitionLog reopen(LogSettings settings, LogOffsets checkpointed, boolean clean)
      throws StorageException {
    return PartitionLog.open(ID, directory, settings, services(), checkpointed, clean);
  }

  static LogSettings settings(int segmentBytes) {
    return settings(segmentBytes, -1, -1);
  }

  static LogSettings settings(int segmentBytes, long retentionMs, long retentionBytes) {
    return LogSettingsBuilder.fromDefaults()
        .segmentBytes(segmentBytes)
        .index(64 << 10, 64)
        .retention(retentionMs, retentionBytes)
        .timestampAfterMaxMs(Long.MAX_VALUE)
        .fileDeleteDelayMs(0)
        .build();
  }

  static ByteBuffer batch(int records) {
    return TestBatch.ofRecords(records).build();
  }

  long append(PartitionLog log, ByteBuffer batch) throws StorageException {
    return append(log, batch, 0);
  }

  long append(PartitionLog log, ByteBuffer batch, int epoch) throws StorageException {
    return assertInstanceOf(Appended.class, log.appendAsLeader(batch, epoch, nowMs.get()))
        .lastOffset();
  }

  static List<Long> offsets(PartitionLog log) throws StorageException {
    return offsets(log, log.logStartOffset(), log.logEndOffset());
  }

  /** The base offsets of all batches that reads from an offset to a limit return, CRCs checked. */
  static List<Long> offsets(PartitionLog log, long from, long limit) throws StorageException {
    List<Long> bases = new ArrayList<>();
    long offset = from;
    while (true) {
      @Nullable ByteBuffer bytes = read(log, offset, 1 << 20, limit, true);
      if (bytes == null) {
        return bases;
      }
      int at = 0;
      while (bytes.limit() - at >= RecordBatch.HEADER_BYTES
          && RecordBatch.sizeInBytes(bytes, at) <= bytes.limit() - at) {
        if (!RecordBatch.hasValidCrc(bytes, at)) {
          throw new AssertionError("Damaged batch at offset " + RecordBatch.baseOffset(bytes, at));
        }
        bases.add(RecordBatch.baseOffset(bytes, at));
        offset = RecordBatch.lastOffset(bytes, at) + 1;
        at += RecordBatch.sizeInBytes(bytes, at);
      }
    }
  }

  static @Nullable ByteBuffer read(
      PartitionLog log, long offset, int maxBytes, long limit, boolean atLeastOne)
      throws StorageException {
    return switch (log.read(offset, maxBytes, limit, atLeastOne)) {
      case ReadOutcome.Slice(LogSlice slice) -> {
        ByteBuffer bytes = bytesOf(slice);
        slice.release();
        yield bytes;
      }
      case ReadOutcome.Empty _ -> null;
      case ReadOutcome.OffsetOutOfRange(long start, long end) ->
          throw new AssertionError(offset + " is not in [" + start + ", " + end + "]");
    };
  }

  static ByteBuffer bytesOf(LogSlice slice) throws StorageException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(slice.size());
    slice.file().read(bytes, slice.position());
    return bytes.flip();
  }
}
