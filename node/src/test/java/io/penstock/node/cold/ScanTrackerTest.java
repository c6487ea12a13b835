package io.penstock.node.cold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.cold.ScanTracker.Advice;
import org.junit.jupiter.api.Test;

/** What is read ahead of whom, and what is dropped behind. */
final class ScanTrackerTest {

  private static final int RANGE = 1 << 20;
  private static final String FILE = "segment";

  private final ScanTracker tracker = new ScanTracker(8);

  @Test
  void readsAheadOfAReaderThatContinuesWhereItWas() {
    assertTrue(read(10, false).isNothing());

    Advice advice = read(11, false);

    assertEquals(12L * RANGE, advice.aheadFrom());
    assertEquals(4L * RANGE, advice.aheadBytes());
  }

  @Test
  void topsUpBeforeTheReaderHasCaughtUp() {
    read(10, false);
    read(11, false); // ahead until 16
    assertEquals(0, read(12, true).aheadBytes());
    assertEquals(0, read(13, true).aheadBytes());

    Advice advice = read(14, true);

    assertEquals(16L * RANGE, advice.aheadFrom());
    assertEquals(3L * RANGE, advice.aheadBytes());
  }

  @Test
  void leavesAReaderAloneWhoseRangesAreInMemoryAnyway() {
    for (int i = 0; i < 20; i++) {
      assertTrue(read(i, true).isNothing());
    }
  }

  @Test
  void leavesARandomReaderAlone() {
    for (int i : new int[] {5, 3, 9, 1, 30, 12}) {
      assertTrue(read(i, false).isNothing());
    }
  }

  @Test
  void dropsWhatAScanHasPassedAndNotWhatItMayStillBeSent() {
    read(10, false);
    read(11, false);

    Advice advice = read(12, true);

    assertEquals(10L * RANGE, advice.dropFrom());
    assertEquals(RANGE, advice.dropBytes());
  }

  @Test
  void keepsWhatAnotherReaderComesFor() {
    read(10, false);
    read(11, false);
    tracker.read(FILE, 5L * RANGE, RANGE, true); // expected at 6 next

    assertEquals(0, read(12, true).dropBytes());
  }

  @Test
  void keepsOtherFilesApart() {
    read(10, false);

    assertTrue(tracker.read("other", 11L * RANGE, RANGE, false).isNothing());
  }

  @Test
  void remembersABoundedNumberOfReaders() {
    for (int i = 0; i < 100; i++) {
      read(2 * i + 1, false);
    }

    assertEquals(8, tracker.size());
  }

  private Advice read(int index, boolean resident) {
    return tracker.read(FILE, (long) index * RANGE, RANGE, resident);
  }
}
