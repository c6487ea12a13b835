package io.penstock.cluster.history;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for what other threads and processes do. */
public final class Waiting {
  private static final CountDownLatch NEVER = new CountDownLatch(1);
  private static final int LOOK_MS = 50;

  private Waiting() {}

  /** Waits until a condition holds, or fails and says what holds instead. */
  public static void until(
      BooleanSupplier condition, Duration patience, Supplier<String> otherwise) {
    if (!tryUntil(condition, patience)) {
      throw new AssertionError("after " + patience + ": " + otherwise.get());
    }
  }

  /** Waits until a condition holds; false where it does not in time. */
  public static boolean tryUntil(BooleanSupplier condition, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      goBy(Duration.ofMillis(LOOK_MS));
    }
    return true;
  }

  /** Lets time go by. */
  public static void goBy(Duration time) {
    try {
      boolean _ = NEVER.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupt) {
      throw interrupted(interrupt);
    }
  }

  /** Waits for a thread to end. */
  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interrupt) {
      throw interrupted(interrupt);
    }
  }

  private static IllegalStateException interrupted(InterruptedException interrupt) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting", interrupt);
  }
}
