package io.penstock.replication.liveness;

/** Times between attempts: short at first, each twice the last one, up to a bound. */
final class Backoff {

  private static final long MIN_MS = 10;

  private final long maxMs;
  private long nextMs = MIN_MS;

  Backoff(long maxMs) {
    this.maxMs = maxMs;
  }

  long nextMs() {
    long now = Math.min(nextMs, maxMs);
    nextMs = Math.min(2 * nextMs, maxMs);
    return now;
  }

  void reset() {
    nextMs = MIN_MS;
  }
}
