package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.KeyedBatch;
import io.penstock.storage.batch.KeyedBatch.Read;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.Disks;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers of a log on a real disk, while it is cleaned under them. */
@Timeout(120)
class CompactionReadersTest {
  private static final int READERS = 3;

  @TempDir Path directory;

  @Test
  void readersMissNoLastValueWhileSegmentsAreSwapped() throws Exception {
    CompactionFixture run =
        new CompactionFixture(new LogFixture(Disks.local(), directory.resolve("topic-0")));
    run.fixture.openFiles = new OpenFiles(1);
    run.reopenWithSettings();
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
      List<Future<Integer>> reads = new ArrayList<>();
      Random random = new Random(5);
      run.appendRandom(random, 200, 50);
      for (int i = 0; i < READERS; i++) {
        reads.add(readers.submit(() -> readUntil(done, run.log)));
      }
      try {
        for (int round = 0; round < 6; round++) {
          run.appendRandom(random, 60, 50);
          run.clean();
        }
      } finally {
        done.set(true);
      }
      for (Future<Integer> read : reads) {
        assertTrue(read.get() > 0);
      }
    }
    run.log.close();
  }

  /** Each pass sees offsets that grow, whole batches, and of each key a value. */
  private static int readUntil(AtomicBoolean done, PartitionLog log) throws Exception {
    int passes = 0;
    while (!done.get() || passes == 0) {
      TreeMap<String, Read> seen = new TreeMap<>();
      for (Read read : CompactionFixture.readAll(log)) {
        seen.put(read.key(), read);
      }
      assertEquals(50, seen.size(), "keys");
      passes++;
    }
    return passes;
  }

  @Test
  void aSliceThatIsHeldStaysWhatItIs() throws Exception {
    CompactionFixture run =
        new CompactionFixture(new LogFixture(Disks.local(), directory.resolve("topic-1")));
    run.put("a", "1");
    run.put("a", "2");
    run.roll();
    ReadOutcome.Slice held = (ReadOutcome.Slice) run.log.read(0, 1 << 20, 2, true);

    run.clean();
    run.fixture.work.runAll();

    ByteBuffer bytes = LogFixture.bytesOf(held.slice());
    assertEquals(0, RecordBatch.baseOffset(bytes, 0));
    assertEquals("1", KeyedBatch.read(bytes).getFirst().value());
    held.slice().release();
    run.log.close();
  }
}
