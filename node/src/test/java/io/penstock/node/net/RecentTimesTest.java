package io.penstock.node.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Snapshot;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is left of times that were counted in buckets, over windows of a clock set by hand. */
final class RecentTimesTest {

  private static final long WINDOW_NS = 1_000;
  private static final long SEED = 3;

  private final AtomicLong nowNs = new AtomicLong(-50);
  private final RecentTimes times = new RecentTimes(WINDOW_NS, nowNs::get);

  @Test
  void isEmptyAtFirst() {
    assertEquals(0, times.size());
    assertEquals(0, times.getSnapshot().getMax());
  }

  @Test
  void keepsEachTimeWithinAnEighth() {
    Random random = new Random(SEED);
    for (int i = 0; i < 10_000; i++) {
      long value = random.nextLong() >>> (1 + random.nextInt(Long.SIZE - 1));
      RecentTimes one = new RecentTimes(WINDOW_NS, nowNs::get);

      one.update(value);

      long kept = one.getSnapshot().getValues()[0];
      assertTrue(Math.abs(kept - value) <= value / 8, value + " became " + kept);
    }
  }

  @Test
  void takesAnyNumber() {
    for (long value : new long[] {Long.MIN_VALUE, -1, 0, 1, 7, 8, 15, 16, Long.MAX_VALUE}) {
      times.update(value);
    }

    assertEquals(9, times.size());
    assertEquals(0, times.getSnapshot().getMin());
  }

  @Test
  void findsPercentilesOfMoreTimesThanASnapshotHolds() {
    for (int i = 1; i <= 100_000; i++) {
      times.update(i);
    }

    Snapshot snapshot = times.getSnapshot();

    assertEquals(50_000, snapshot.getMedian(), 50_000 / 8.0);
    assertEquals(99_000, snapshot.get99thPercentile(), 99_000 / 8.0);
    assertEquals(100_000, (double) snapshot.getMax(), 100_000 / 8.0);
  }

  @Test
  void showsTheMaximumHoweverRareItIs() {
    for (int i = 0; i < 1_000_000; i++) {
      times.update(100);
    }
    times.update(1_000_000_000);

    assertEquals(1e9, (double) times.getSnapshot().getMax(), 1e9 / 8);
  }

  @Test
  void forgetsWhatIsOlderThanTheLastWindow() {
    times.update(1);
    nowNs.addAndGet(WINDOW_NS);
    assertEquals(1, times.size());
    times.update(2);
    assertEquals(2, times.size());
    nowNs.addAndGet(WINDOW_NS);
    assertEquals(2, times.size());

    assertEquals(1, times.size());
  }
}
