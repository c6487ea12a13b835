package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.batch.KeyedBatch;
import io.penstock.storage.batch.KeyedBatch.Read;
import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.compact.BatchCodec;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.CompactionSettings;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A compacted log, cleaned when the test says so, and what should be left of it. */
final class CompactionFixture {
  static final long TOMBSTONE_MS = 10_000;

  final LogFixture fixture;
  final Throttle throttle = new Throttle(Throttle.UNLIMITED, System::nanoTime);
  LogSettings settings =
      LogSettingsBuilder.from(LogFixture.settings(1 << 10))
          .compactPolicy(true)
          .deletePolicy(false)
          .compaction(new CompactionSettings(0.0, 0, Long.MAX_VALUE, TOMBSTONE_MS))
          .build();
  CleanerTools tools = tools(throttle, 1 << 20);
  PartitionLog log;

  /** Each key's last record: its offset and whether it has a value. */
  final TreeMap<String, Read> last = new TreeMap<>();

  CompactionFixture(Disk disk) throws StorageException {
    this(new LogFixture(disk));
  }

  CompactionFixture(LogFixture fixture) throws StorageException {
    this.fixture = fixture;
    log = fixture.create(settings);
  }

  static CleanerTools tools(Throttle throttle, long mapBytesMax) {
    return new CleanerTools(BatchCodec.NONE, throttle, mapBytesMax, 1 << 20);
  }

  /** Opens the empty log again, after something of the fixture was changed. */
  void reopenWithSettings() throws StorageException {
    log.close();
    log = fixture.reopen(settings, LogOffsets.ZERO, true);
  }

  /** Appends, rolls nothing; everything is committed at once. */
  long append(KeyedBatch batch) throws StorageException {
    ByteBuffer bytes = batch.build();
    long lastOffset = fixture.append(log, bytes);
    noteLast(bytes);
    return lastOffset;
  }

  /** Appends what a leader sends, whose log may have been cleaned; everything is committed. */
  void copy(KeyedBatch batch) throws StorageException {
    ByteBuffer bytes = batch.build();
    RecordBatch.patch(bytes, 0, log.logEndOffset(), 0);
    assertInstanceOf(AppendOutcome.Appended.class, log.appendAsFollower(bytes, 0));
    noteLast(bytes);
  }

  private void noteLast(ByteBuffer bytes) {
    try {
      for (Read read : KeyedBatch.read(bytes)) {
        if (read.key() != null) {
          last.put(read.key(), read);
        }
      }
    } catch (MalformedRecordsException e) {
      throw new AssertionError(e);
    }
    log.recordHighWatermark(log.logEndOffset());
  }

  long put(String key, @Nullable String value) throws StorageException {
    return append(KeyedBatch.at(fixture.nowMs.get()).record(key, value));
  }

  /** Fills the active segment until another one begins, so that what was written can be cleaned. */
  void roll() throws StorageException {
    int before = log.segmentCount();
    while (log.segmentCount() == before) {
      put("filler", "x".repeat(100));
    }
    fixture.work.runAll();
  }

  boolean clean() throws StorageException {
    return clean(new CleaningTotals());
  }

  boolean clean(CleaningTotals totals) throws StorageException {
    try {
      boolean cleaned = log.compact(tools, totals);
      fixture.work.runAll();
      return cleaned;
    } catch (CleaningAbortedException aborted) {
      throw new AssertionError(aborted);
    }
  }

  /** All records that a consumer reads, from the start to the end. */
  List<Read> readAll() throws StorageException {
    return readAll(log);
  }

  static List<Read> readAll(PartitionLog log) throws StorageException {
    List<Read> all = new ArrayList<>();
    long offset = log.logStartOffset();
    while (true) {
      ByteBuffer bytes = LogFixture.read(log, offset, 1 << 16, log.logEndOffset(), true);
      if (bytes == null) {
        return all;
      }
      int at = 0;
      while (bytes.limit() - at >= RecordBatch.HEADER_BYTES
          && RecordBatch.sizeInBytes(bytes, at) <= bytes.limit() - at) {
        if (!RecordBatch.hasValidCrc(bytes, at)) {
          throw new AssertionError("Damaged batch at offset " + RecordBatch.baseOffset(bytes, at));
        }
        if (RecordBatch.lastOffset(bytes, at) < offset) {
          throw new AssertionError("Offset " + offset + " answered by an earlier batch");
        }
        offset = RecordBatch.lastOffset(bytes, at) + 1;
        at += RecordBatch.sizeInBytes(bytes, at);
      }
      try {
        all.addAll(KeyedBatch.read(bytes.limit(at)));
      } catch (MalformedRecordsException malformed) {
        throw new AssertionError(malformed);
      }
    }
  }

  /** Random updates and deletions of some keys, in batches of some records. */
  void appendRandom(Random random, int batches, int keys) throws StorageException {
    for (int i = 0; i < batches; i++) {
      KeyedBatch batch = KeyedBatch.at(fixture.nowMs.get());
      int records = 1 + random.nextInt(5);
      for (int r = 0; r < records; r++) {
        String value = random.nextInt(8) == 0 ? null : "v" + random.nextInt(1_000_000);
        batch.record("k" + random.nextInt(keys), value);
      }
      append(batch);
      fixture.nowMs.addAndGet(random.nextInt(50));
    }
    fixture.work.runAll();
  }
}
