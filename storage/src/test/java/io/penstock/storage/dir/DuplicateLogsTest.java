package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.AppendOutcome;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log that is found in two data directories. */
@Timeout(60)
class DuplicateLogsTest {
  private static final LogId ID = new LogId("orders", new UUID(3, 4), 0);
  private static final String SEGMENT = "00000000000000000000.log";

  @TempDir Path temporary;
  private Path first;
  private Path second;
  private MetricRegistry metrics;

  @BeforeEach
  void setUp() {
    first = temporary.resolve("first");
    second = temporary.resolve("second");
    metrics = new MetricRegistry();
  }

  @Test
  void usesTheLongerCopyAndSetsTheOtherAside() throws Exception {
    write(second, 0, 3);
    copyToFirst();
    write(second, 0, 2);

    try (LogDirectories logs = open(first, second)) {
      PartitionLog used = found(logs);

      assertEquals(5, used.logEndOffset());
      assertTrue(used.directory().startsWith(second));
      assertEquals(used, logs.log(ID).orElseThrow());
      assertFalse(Files.exists(first.resolve(ID.directoryName())));
      assertEquals(1, strays(first));
      assertEquals(1, metrics.counter("penstock.log.duplicates").getCount());
      append(used, 1, 0);
    }
    try (LogDirectories logs = open(first, second)) {
      assertEquals(6, found(logs).logEndOffset());
      assertEquals(1, metrics.counter("penstock.log.duplicates").getCount());
    }
  }

  @Test
  void usesTheCopyOfTheLaterEpochThoughItIsShorter() throws Exception {
    write(second, 0, 3);
    copyToFirst();
    write(first, 0, 4);
    write(second, 1, 1);

    try (LogDirectories logs = open(first, second)) {
      assertEquals(4, found(logs).logEndOffset());
      assertEquals(1, found(logs).leaderEpochAt(3));
      assertEquals(1, strays(first));
    }
  }

  @Test
  void usesTheFirstOfTwoThatAreTheSame() throws Exception {
    write(second, 0, 3);
    copyToFirst();

    try (LogDirectories logs = open(first, second)) {
      assertTrue(found(logs).directory().startsWith(first));
      assertEquals(1, strays(second));
    }
  }

  @Test
  void usesNoneWhereOneCannotBeOpened() throws Exception {
    write(second, 0, 3);
    copyToFirst();
    // Records of a format that is never cut: the log cannot be opened.
    Path segment = second.resolve(ID.directoryName()).resolve(SEGMENT);
    Files.write(segment, oldRecords());
    Files.delete(second.resolve(CleanShutdownMark.FILE_NAME));

    try (LogDirectories logs = open(first, second)) {
      ExecutionException failure = assertThrows(ExecutionException.class, () -> found(logs));

      assertInstanceOf(StorageException.class, failure.getCause());
      assertTrue(String.valueOf(failure.getMessage()).contains(first.toString()));
      assertTrue(logs.log(ID).isEmpty());
      assertEquals(0, strays(first) + strays(second));
    }
    // Nothing was lost by that, and what could be opened is recovered again.
    assertFalse(Files.exists(first.resolve(CleanShutdownMark.FILE_NAME)));
    Files.move(second.resolve(ID.directoryName()), temporary.resolve("taken-away"));
    try (LogDirectories logs = open(first, second)) {
      assertEquals(3, found(logs).logEndOffset());
    }
  }

  private void write(Path directory, int epoch, int batches) throws Exception {
    try (LogDirectories logs = open(directory)) {
      PartitionLog log =
          logs.found().containsKey(ID) ? found(logs) : logs.create(ID, LogSettings.defaults());
      append(log, batches, epoch);
    }
  }

  /** As an operator does who copies files from one disk to another. */
  private void copyToFirst() throws IOException {
    try (Stream<Path> files = Files.walk(second)) {
      for (Path from : files.toList()) {
        Files.copy(from, first.resolve(second.relativize(from)));
      }
    }
  }

  /** A message of format 1 at offset 0: no key, a value of three bytes. */
  private static byte[] oldRecords() {
    ByteBuffer message = ByteBuffer.allocate(37);
    message.putLong(0).putInt(25).putInt(0).put((byte) 1).put((byte) 0).putLong(1_000);
    message.putInt(-1).putInt(3).put(new byte[] {7, 8, 9});
    CRC32 crc = new CRC32();
    crc.update(message.slice(16, 21));
    return message.putInt(12, (int) crc.getValue()).array();
  }

  private LogDirectories open(Path... paths) throws StorageException {
    return LogDirectories.open(
        List.of(paths),
        LogDirectoriesSettings.defaults(),
        _ -> LogSettings.defaults(),
        new LogDirectories.Environment(
            Disks.local(), metrics, System::currentTimeMillis, BatchTimestampScanner.HEADERS_ONLY));
  }

  private static PartitionLog found(LogDirectories logs) throws Exception {
    CompletionStage<PartitionLog> opening = logs.found().get(ID);
    assertNotNull(opening);
    return opening.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void append(PartitionLog log, int batches, int epoch) throws StorageException {
    for (int i = 0; i < batches; i++) {
      assertInstanceOf(
          AppendOutcome.Appended.class,
          log.appendAsLeader(TestBatch.ofRecords(1).build(), epoch, System.currentTimeMillis()));
    }
  }

  private static long strays(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(path -> path.toString().endsWith("-stray")).count();
    }
  }
}
