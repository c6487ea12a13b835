package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.StorageTask;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How it is written down, for many logs at once, that they may have gaps. */
class GapCheckpointTest {
  private static final Path PATH = Path.of("/data");

  private final ArrayDeque<StorageTask> lane = new ArrayDeque<>();
  private final List<Long> delays = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private @Nullable StorageException failure;
  private StorageTask duringWrite = () -> {};
  private final GapCheckpoint gaps =
      new GapCheckpoint(
          (delayMs, task) -> {
            delays.add(delayMs);
            lane.add(task);
          },
          this::write);

  private void write() throws StorageException {
    duringWrite.run();
    if (failure != null) {
      throw failure;
    }
    events.add("written");
  }

  @Test
  void writesOnceForAllWhoAskedBefore() throws StorageException {
    for (int i = 0; i < 1_000; i++) {
      gaps.ask(() -> events.add("told"));
    }
    assertEquals(1, lane.size());

    lane.remove().run();

    assertEquals(1_001, events.size());
    assertEquals("written", events.getFirst());
    assertEquals(0, lane.size());
  }

  @Test
  void whoAsksDuringAWriteSharesTheNext() throws StorageException {
    gaps.ask(() -> events.add("first"));
    duringWrite =
        () -> {
          gaps.ask(() -> events.add("second"));
          gaps.ask(() -> events.add("third"));
        };

    lane.remove().run();
    duringWrite = () -> {};
    assertEquals(List.of("written", "first"), events);
    assertEquals(1, lane.size());
    lane.remove().run();

    assertEquals(List.of("written", "first", "written", "second", "third"), events);
    assertEquals(0, lane.size());
  }

  @Test
  void whatAFullDiskRefusesIsTriedAgainAndNobodyIsToldBefore() throws StorageException {
    failure = new DiskFullException("open: too many open files", PATH, null);
    gaps.ask(() -> events.add("first"));
    lane.remove().run();
    gaps.ask(() -> events.add("second"));
    lane.remove().run();
    assertEquals(List.of(), events);
    assertEquals(List.of(0L, GapCheckpoint.RETRY_MS, GapCheckpoint.RETRY_MS), delays);

    failure = null;
    lane.remove().run();

    assertEquals(List.of("written", "first", "second"), events);
    assertEquals(0, lane.size());
  }

  @Test
  void whatADiskThatFailsRefusesIsToldNobody() {
    failure = new StorageException("cannot write", PATH, "replace the disk");
    gaps.ask(() -> events.add("told"));

    assertThrows(StorageException.class, () -> lane.remove().run());

    assertEquals(List.of(), events);
    assertEquals(0, lane.size());
  }
}
