package io.penstock.replication.follower;

import java.util.random.RandomGenerator;

/**
 * How long to wait after so many failures in a row: each time twice as long, up to a bound, and
 * spread by a fifth, so that many who failed together do not come back together. Guarded by itself,
 * for the generator.
 */
final class Backoff {

  private static final int DOUBLINGS_MAX = 20;

  private final long minMs;
  private final long maxMs;
  private final RandomGenerator random;

  Backoff(long minMs, long maxMs, RandomGenerator random) {
    this.minMs = minMs;
    this.maxMs = maxMs;
    this.random = random;
  }

  synchronized long afterMs(int failures) {
    int doublings = Math.clamp(failures - 1, 0, DOUBLINGS_MAX);
    long wait = Math.min(minMs << doublings, maxMs);
    return wait - wait / 5 + random.nextLong(2 * (wait / 5) + 1);
  }
}
