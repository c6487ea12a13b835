package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.CompactionNeed;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A log is emptied, and between its steps a cleaner finds files gone, which is no bad disk. */
@Timeout(60)
class CutWhileLookedAtTest {
  private CompactionFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    fixture = new CompactionFixture(new FakeDisk(1));
    fixture.put("a", "1");
    fixture.roll();
    fixture.put("a", "2");
  }

  /** Runs something where the files have lost their names and nobody knows yet. */
  private <T> FutureTask<T> whileEmptied(Callable<T> look) throws StorageException {
    FutureTask<T> looking = new FutureTask<>(look);
    Thread looker = Thread.ofPlatform().unstarted(looking);
    fixture.fixture.work.atNextDeletion(() -> {
      looker.start();
      Awaitility.await().until(() -> looking.isDone() || looker.getState() == Thread.State.BLOCKED);
    });
    fixture.log.close();
    fixture.fixture.openFiles = new OpenFiles(0);
    fixture.log = fixture.fixture.reopen(fixture.settings, LogOffsets.ZERO, true);
    fixture.log.recordHighWatermark(fixture.log.logEndOffset());

    fixture.log.truncateFullyAndStartAt(0);
    return looking;
  }

  @Test
  void aLookAtItEndsWithoutAnAnswer() throws Exception {
    FutureTask<CompactionNeed> looking = whileEmptied(() -> fixture.log.compactionNeed(2_000_000));

    assertEquals(CompactionNeed.NONE, looking.get());
  }

  @Test
  void aCleaningOfItEnds() throws Exception {
    FutureTask<Boolean> looking =
        whileEmptied(() -> fixture.log.compact(fixture.tools, new CleaningTotals()));

    Throwable why = null;
    try {
      looking.get();
    } catch (ExecutionException ended) {
      why = ended.getCause();
    }
    assertInstanceOf(CleaningAbortedException.class, why);
  }
}
