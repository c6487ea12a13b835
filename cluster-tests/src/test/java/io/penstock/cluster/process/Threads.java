package io.penstock.cluster.process;

/** Waiting for threads of a test to end. */
public final class Threads {
  private static final long JOIN_MS_MAX = 60_000;

  private Threads() {}

  /** Waits for the end of {@code thread}; fails when it does not come. */
  public static void join(Thread thread) {
    try {
      thread.join(JOIN_MS_MAX);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + thread, interrupt);
    }
    if (thread.isAlive()) {
      throw new IllegalStateException(thread + " did not end");
    }
  }
}
