package io.penstock.storage.compact;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Bounds the bytes that all cleaners together read and write in a second: who takes too many waits.
 * Also how they hear that the node stops. Any thread.
 */
public final class Throttle {
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final long SECOND_NS = 1_000_000_000L;

  /** What may be made up for after a pause. */
  private static final long CREDIT_NS = SECOND_NS / 10;

  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private long paidUntilNs;

  public Throttle(long bytesPerSecond, LongSupplier nanoTime) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.paidUntilNs = nanoTime.getAsLong();
  }

  /** Takes note of bytes that were read or written; waits until they are paid for. */
  public void took(long bytes) throws CleaningAbortedException {
    long waitNs = bytesPerSecond == UNLIMITED ? 0 : debtNs(bytes);
    if (isStopped() || (waitNs > 0 && sleep(waitNs))) {
      throw new CleaningAbortedException("the node stops");
    }
  }

  /** Takes note of bytes; returns for how long who took them has to wait. */
  public synchronized long debtNs(long bytes) {
    long nowNs = nanoTime.getAsLong();
    if (paidUntilNs - nowNs < -CREDIT_NS) {
      paidUntilNs = nowNs - CREDIT_NS;
    }
    paidUntilNs += (long) ((double) bytes / bytesPerSecond * SECOND_NS);
    return paidUntilNs - nowNs;
  }

  private boolean sleep(long ns) {
    try {
      return stopped.await(ns, TimeUnit.NANOSECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Ends all waits, and all cleanings at their next step. */
  public void stop() {
    stopped.countDown();
  }

  public boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /** Waits for so long; true when it was stopped. */
  public boolean pause(long ms) {
    return sleep(TimeUnit.MILLISECONDS.toNanos(ms));
  }
}
