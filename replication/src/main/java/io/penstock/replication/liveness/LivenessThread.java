package io.penstock.replication.liveness;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A loop with a thread of its own, which nothing else may hold up: where it stands still, brokers
 * are taken for dead. Tasks that come after {@link #close} are dropped.
 */
public final class LivenessThread implements LivenessLoop, AutoCloseable {

  private final ScheduledThreadPoolExecutor thread;
  private final Consumer<Throwable> broken;

  /**
   * @param broken told of what a task threw, which is a broken invariant
   */
  public LivenessThread(String name, Consumer<Throwable> broken) {
    this.thread =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name(name).daemon().factory());
    this.broken = broken;
    thread.setRemoveOnCancelPolicy(true);
  }

  @Override
  public long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  @Override
  public void execute(Runnable task) {
    var _ = after(0, task);
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    try {
      Future<?> scheduled =
          thread.schedule(() -> run(task), Math.max(0, delayMs), TimeUnit.MILLISECONDS);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException _) {
      return () -> {};
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      broken.accept(e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
