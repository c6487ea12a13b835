package io.penstock.node.api.data;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Asks producers to send nothing for a while: the answers to what they sent say so as {@code
 * throttle_time_ms}, which clients obey themselves (KIP-219). Nothing that they send nevertheless
 * is treated any other way. Any thread.
 */
public final class ProducerPause {

  private final LongSupplier nanoTime;
  private final LongAdder requests = new LongAdder();
  private volatile long endNs;

  public ProducerPause(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.endNs = nanoTime.getAsLong();
  }

  /** From here on, and for so long, each answer asks its producer to wait for the rest of it. */
  public void begin(long ms) {
    endNs = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  /** How many requests producers have sent so far. */
  public long requests() {
    return requests.sum();
  }

  void requested() {
    requests.increment();
  }

  /** What an answer says now: the milliseconds that are left, rounded up; 0 where none are. */
  int remainingMs() {
    long leftNs = endNs - nanoTime.getAsLong();
    return leftNs <= 0 ? 0 : (int) ((leftNs + 999_999) / 1_000_000);
  }
}
