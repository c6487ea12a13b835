package io.penstock.cluster.bench;

import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** How long commits took, in steps of a tenth of a millisecond, since last asked. Any thread. */
final class CommitFigures {
  private static final long STEP_NS = 100_000;
  private static final int STEPS = 100_000;

  private final AtomicLongArray steps = new AtomicLongArray(STEPS);
  private final AtomicInteger refused = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> failures = new ConcurrentHashMap<>();
  private final CountDownLatch joined;

  CommitFigures(int members) {
    this.joined = new CountDownLatch(members);
  }

  /** A member has come for the first time. */
  void joined() {
    joined.countDown();
  }

  void committed(long tookNs) {
    steps.incrementAndGet((int) Math.min(STEPS - 1, tookNs / STEP_NS));
  }

  /** A commit was refused to a member that has to do with a rebalance first. */
  void refused() {
    refused.incrementAndGet();
  }

  /** A member was thrown back to finding its coordinator. */
  void failed(IOException failure) {
    failures.merge(failure.toString(), 1, Integer::sum);
  }

  /** Waits until all members have come; false where they do not in time. */
  boolean awaitJoined(long seconds) throws InterruptedException {
    return joined.await(seconds, TimeUnit.SECONDS);
  }

  /** How many members have not come yet. */
  long missing() {
    return joined.getCount();
  }

  /** What there was since the last call, for a person; it begins anew. */
  String take() {
    long[] counts = new long[STEPS];
    long all = 0;
    for (int step = 0; step < STEPS; step++) {
      counts[step] = steps.getAndSet(step, 0);
      all += counts[step];
    }
    String failed = failures.isEmpty() ? "none" : failures.toString();
    failures.clear();
    return ("commits %d, ms p50 %.1f p99 %.1f p99.9 %.1f max %.1f, "
            + "refused amid rebalances %d, failures %s")
        .formatted(
            all,
            quantileMs(counts, all, 0.5),
            quantileMs(counts, all, 0.99),
            quantileMs(counts, all, 0.999),
            quantileMs(counts, all, 1),
            refused.getAndSet(0),
            failed);
  }

  private static double quantileMs(long[] counts, long all, double quantile) {
    long below = 0;
    for (int step = 0; step < counts.length; step++) {
      below += counts[step];
      if (below > 0 && below >= all * quantile) {
        return (step + 1) * STEP_NS / 1e6;
      }
    }
    return 0;
  }
}
