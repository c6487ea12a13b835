package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.KeyedBatch.Read;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.StorageException;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A cleaning that ends with its process, or its machine, at each of its steps. */
class CompactionCrashTest {
  /** Of the random lives, for each kind of crash. */
  private static final int SEEDS = Integer.getInteger("penstock.storage.seeds", 150);

  /** About as many as the longest of the cleanings here has; one that is shorter ends first. */
  private static final int OPERATIONS = 300;

  private LogOffsets checkpoint = LogOffsets.ZERO;

  @ParameterizedTest
  @EnumSource(Tearing.class)
  void noLastValueIsLostWhereverTheCrashComes(Tearing tearing) throws StorageException {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      FakeDisk disk = new FakeDisk(seed);
      CompactionFixture run = new CompactionFixture(disk);
      watchCheckpoints(run.log);
      run.appendRandom(random, 60, 20);
      run.clean();
      run.appendRandom(random, 60, 20);
      run.log.flush();
      note(run.log);
      long end = run.log.logEndOffset();

      crashWhileCleaning(disk, run, random, tearing);

      String message = "seed " + seed + " " + tearing;
      run.log = run.fixture.reopen(run.settings, checkpoint, false);
      watchCheckpoints(run.log);
      assertEquals(end, run.log.logEndOffset(), message);
      assertLastValues(run, message);
      assertIndexesLead(run.log, message);
      run.log.recordHighWatermark(end);
      run.log.flush();
      run.fixture.work.runAll();
      run.clean();
      assertLastValues(run, message + " cleaned again");
      assertNothingOld(run, message);
    }
  }

  private void crashWhileCleaning(
      FakeDisk disk, CompactionFixture run, Random random, Tearing tearing) {
    disk.failWritesFrom(random.nextInt(OPERATIONS));
    try {
      run.log.compact(run.tools, new CleaningTotals());
      run.fixture.work.runAll();
    } catch (StorageException | CleaningAbortedException | AssertionError expected) {
      // The process is about to die anyway.
    }
    disk.healWrites();
    disk.crash(tearing);
    run.fixture.work.forget();
  }

  private void watchCheckpoints(PartitionLog log) {
    log.whenMovedBack(() -> note(log));
  }

  private void note(PartitionLog log) {
    checkpoint =
        new LogOffsets(
            log.logStartOffset(),
            log.recoveryPoint(),
            log.recordedHighWatermark(),
            log.cleanedTo());
  }

  private static void assertLastValues(CompactionFixture run, String message)
      throws StorageException {
    TreeMap<String, Read> found = new TreeMap<>();
    long before = -1;
    for (Read read : run.readAll()) {
      assertTrue(read.offset() > before, message);
      before = read.offset();
      found.put(read.key(), read);
    }
    run.last.forEach((key, last) ->
        assertEquals(
            last.value(),
            found.containsKey(key) ? found.get(key).value() : null,
            () -> message + " key " + key));
  }

  /** Each read in the middle finds the batch that it asks for, by whatever index there is. */
  private static void assertIndexesLead(PartitionLog log, String message) throws StorageException {
    List<Long> bases = LogFixture.offsets(log);
    for (long base : bases) {
      List<Long> from = LogFixture.offsets(log, base, log.logEndOffset());
      assertEquals(base, from.getFirst(), message);
    }
  }

  private static void assertNothingOld(CompactionFixture run, String message)
      throws StorageException {
    TreeMap<String, Long> newest = new TreeMap<>();
    List<Read> all = run.readAll();
    all.forEach(read -> newest.put(read.key(), read.offset()));
    for (Read read : all) {
      long last = newest.getOrDefault(read.key(), -1L);
      assertTrue(
          read.offset() == last
              || last >= run.log.cleanedTo()
              || read.offset() >= run.log.cleanedTo(),
          () -> message + " old value " + read);
    }
  }
}
