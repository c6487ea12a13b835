package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.offsets;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lives of a log that consist of everything that may happen to one, by seeds. */
class RandomLivesTest {
  private static final int ONE = batch(1).remaining();

  /** 4 000 of each kind take two minutes. */
  private static final int SEEDS = Integer.getInteger("penstock.storage.seeds", 300);

  /**
   * Random appends, rolls, flushes, truncations, full disks and crashes, and a kernel that writes
   * back what it likes. What was flushed is there after each crash; what is there is a prefix of
   * what was written, and nothing of what was cut; the log goes on.
   */
  @ParameterizedTest
  @EnumSource(Tearing.class)
  void losesNothingThatWasFlushed(Tearing tearing) throws StorageException {
    for (long seed = 0; seed < SEEDS; seed++) {
      try {
        new CrashRun(seed, tearing).run();
      } catch (StorageException | RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed + " " + tearing, failure);
      }
    }
  }

  /** One seeded life of a log, with what it must hold. */
  private static final class CrashRun {
    private final Random random;
    private final Tearing tearing;
    private final FakeDisk disk;
    private final LogFixture fixture;
    private final List<Long> written = new ArrayList<>();
    private final List<Integer> epochs = new ArrayList<>();
    private PartitionLog log;
    private int epoch;

    CrashRun(long seed, Tearing tearing) throws StorageException {
      this.random = new Random(seed);
      this.tearing = tearing;
      this.disk = new FakeDisk(seed);
      this.fixture = new LogFixture(disk);
      this.log = fixture.create(settings(10 * ONE));
    }

    void run() throws StorageException {
      for (int step = 0; step < 120; step++) {
        int dice = random.nextInt(105);
        if (dice < 70) {
          append();
        } else if (dice >= 100) {
          disk.writeBack(fixture.directory, random);
        } else if (dice < 80) {
          fixture.work.runAll();
        } else if (dice < 88) {
          flush();
        } else if (dice < 91) {
          truncate();
        } else if (dice < 94) {
          disk.limitCapacity(disk.usedBytes() + random.nextInt(400));
        } else if (dice < 97) {
          disk.healWrites();
        } else {
          crash();
        }
      }
      disk.healWrites();
      crash();
    }

    private void append() throws StorageException {
      int records = 1 + random.nextInt(4);
      long next = log.logEndOffset();
      try {
        fixture.append(log, batch(records), epoch);
        written.add(next);
        epochs.add(epoch);
      } catch (DiskFullException full) {
        assertEquals(next, log.logEndOffset());
      }
      assertEquals(written, offsets(log));
    }

    private void flush() throws StorageException {
      try {
        log.flush();
      } catch (DiskFullException full) {
        assertTrue(log.recoveryPoint() <= log.logEndOffset());
      }
    }

    private void truncate() throws StorageException {
      if (written.isEmpty()) {
        return;
      }
      int keep = random.nextInt(written.size());
      try {
        log.truncateTo(written.get(keep));
      } catch (DiskFullException full) {
        disk.healWrites();
        log.truncateTo(written.get(keep));
      }
      forgetFrom(keep);
      epoch++;
      assertEquals(written, offsets(log));
    }

    private void forgetFrom(int count) {
      written.subList(count, written.size()).clear();
      epochs.subList(count, epochs.size()).clear();
    }

    private void crash() throws StorageException {
      long flushed = log.recoveryPoint();
      // The checkpoint may be older than the recovery point; it is never newer.
      long checkpointed = random.nextBoolean() ? flushed : flushed / 2;
      disk.crash(tearing);
      disk.healWrites();
      fixture.work.forget();
      log = fixture.reopen(settings(10 * ONE), new LogOffsets(0, checkpointed, 0), false);
      assertTrue(log.logEndOffset() >= flushed, log.logEndOffset() + " of " + flushed);
      List<Long> found = offsets(log);
      assertEquals(written.subList(0, found.size()), found);
      assertEquals(
          epochs.subList(0, found.size()), found.stream().map(log::leaderEpochAt).toList());
      forgetFrom(found.size());
      if (tearing == Tearing.KEEP_ALL) {
        assertEquals(found.size(), written.size());
      }
      epoch++;
    }
  }
}
