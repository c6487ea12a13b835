package io.penstock.node.group;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time of day when the node started, and from then on what has passed since: it never jumps, so
 * that setting a host's clock throws no member out of its group. Any thread.
 */
final class CoordinatorClock implements LongSupplier {

  private final long startMs = System.currentTimeMillis();
  private final long startNs = System.nanoTime();

  @Override
  public long getAsLong() {
    return startMs + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
  }
}
