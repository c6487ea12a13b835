package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.io.Disks;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cleanings under which something of the log goes away. */
class CompactionAbortTest {
  /** How many a cleaning has read and written. */
  private int pieces;

  @Test
  void segmentsThatAreDeletedMeanwhileEndTheCleaningAndAreNoFailureOfTheDisk() throws Exception {
    int aborted = 0;
    for (int deleteAt = 1; deleteAt <= 14; deleteAt++) {
      CompactionFixture run = logOfSixSegments();
      run.tools = toolsThatAt(deleteAt, uncaught(() -> deleteOldRecords(run)));
      try {
        run.log.compact(run.tools, new CleaningTotals());
      } catch (CleaningAbortedException expected) {
        aborted++;
      }
      assertEquals(0, run.tools.heldBytes(), "what an abandoned cleaning holds nobody gives back");
      run.fixture.work.runAll();
      assertEquals(List.of(), run.fixture.diskFailures);
      run.tools = CompactionFixture.tools(run.throttle, 1 << 20);
      run.clean();
      assertTrue(run.readAll().stream().anyMatch(read -> "last".equals(read.key())));
    }
    assertTrue(aborted > 4, "aborted: " + aborted);
  }

  @Test
  void aLogThatIsDeletedMeanwhileEndsItsCleaningAndIsNoFailure() throws Exception {
    assertEndsEachCleaning(CompactionAbortTest::deleteLog);
  }

  @Test
  void aLogThatIsClosedMeanwhileEndsItsCleaningAndIsNoFailure() throws Exception {
    assertEndsEachCleaning(run -> run.log.close());
  }

  @Test
  void aCleaningWhoseLogIsDeletedKeepsNoFilesOpen(@TempDir Path directory) throws Exception {
    for (int endAt = 2; endAt <= 14; endAt++) {
      Path ofLog = directory.resolve(endAt + "/topic-0");
      CompactionFixture run = logOfSixSegments(new LogFixture(Disks.local(), ofLog));
      run.tools = toolsThatAt(endAt, uncaught(() -> deleteLog(run)));

      assertThrows(
          CleaningAbortedException.class, () -> run.log.compact(run.tools, new CleaningTotals()));

      run.fixture.work.runAll();
      assertEquals(List.of(), openBelow(directory.resolve("" + endAt)), "deleted at " + endAt);
    }
  }

  private static List<Path> openBelow(Path directory) throws IOException {
    List<Path> open = new ArrayList<>();
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc/self/fd"), Files::exists)) {
      for (Path descriptor : descriptors) {
        Path file = Files.readSymbolicLink(descriptor);
        if (file.startsWith(directory.toRealPath())) {
          open.add(file);
        }
      }
    }
    return open;
  }

  private void assertEndsEachCleaning(Change endOfLog) throws Exception {
    for (int endAt = 2; endAt <= 14; endAt++) {
      CompactionFixture run = logOfSixSegments();
      run.tools = toolsThatAt(endAt, uncaught(() -> endOfLog.to(run)));

      assertThrows(
          CleaningAbortedException.class, () -> run.log.compact(run.tools, new CleaningTotals()));

      assertEquals(0, run.tools.heldBytes());
      run.fixture.work.runAll();
      assertEquals(List.of(), run.fixture.diskFailures);
    }
  }

  @Test
  @Timeout(60)
  void aLogIsNotGivenUpWhileItsFilesAreRenamed() throws Exception {
    CompactionFixture run = logOfSixSegments();
    LogState state = LogSegmentAccess.state(run.log);
    CountDownLatch renaming = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean closedMeanwhile = new AtomicBoolean();
    Thread cleaner =
        Thread.ofPlatform()
            .start(
                uncaught(() ->
                    LogSegmentAccess.trimmer(run.log)
                        .exclusively(() -> {
                          renaming.countDown();
                          uncaught(goOn::await).run();
                          closedMeanwhile.set(state.closed);
                        })));
    renaming.await();

    Thread deletion = Thread.ofPlatform().start(uncaught(run.log::abandon));
    Awaitility.await()
        .until(() ->
            deletion.getState() == Thread.State.BLOCKED
                || deletion.getState() == Thread.State.TERMINATED);
    goOn.countDown();
    cleaner.join();
    deletion.join();

    assertFalse(closedMeanwhile.get());
    assertTrue(state.closed);
  }

  private interface Change {
    void to(CompactionFixture run) throws Exception;
  }

  private interface Step {
    void run() throws Exception;
  }

  private static Runnable uncaught(Step step) {
    return () -> {
      try {
        step.run();
      } catch (Exception failure) {
        throw new AssertionError(failure);
      }
    };
  }

  private static CompactionFixture logOfSixSegments() throws StorageException {
    return logOfSixSegments(new LogFixture(new FakeDisk(1)));
  }

  private static CompactionFixture logOfSixSegments(LogFixture fixture) throws StorageException {
    fixture.openFiles = new OpenFiles(1);
    CompactionFixture run = new CompactionFixture(fixture);
    for (int i = 0; i < 6; i++) {
      run.put("a", "" + i);
      run.roll();
    }
    run.put("last", "1");
    return run;
  }

  /** Tools with which a cleaning does something else when it has read, or written, a piece. */
  private CleanerTools toolsThatAt(int piece, Runnable meanwhile) {
    pieces = 0;
    return CompactionFixture.tools(
        new Throttle(
            Long.MAX_VALUE - 1,
            () -> {
              if (++pieces == piece) {
                meanwhile.run();
              }
              return 0;
            }),
        1 << 20);
  }

  /** As a data directory does: its files go on under another name. */
  private static void deleteLog(CompactionFixture run) throws StorageException {
    Path directory = run.log.directory();
    run.log.abandon();
    run.fixture.disk.rename(directory, directory.resolveSibling("topic-0.1-delete"));
  }

  private static void deleteOldRecords(CompactionFixture run) throws StorageException {
    run.log.deleteRecordsBefore(run.log.logEndOffset() - 2);
    run.fixture.work.runAll();
  }
}
