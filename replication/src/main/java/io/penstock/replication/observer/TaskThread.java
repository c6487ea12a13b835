package io.penstock.replication.observer;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Tasks} on a thread of its own, which begins with the first task. */
public final class TaskThread implements Tasks, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TaskThread.class);
  private static final long CLOSE_WAIT_S = 10;

  private final ScheduledThreadPoolExecutor thread;

  public TaskThread(String name) {
    this.thread =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(name).factory());
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public void run(Runnable task) {
    var _ = schedule(0, task);
  }

  @Override
  public Handle runAfter(long delayMs, Runnable task) {
    return schedule(delayMs, task);
  }

  private Handle schedule(long delayMs, Runnable task) {
    try {
      Future<?> future =
          thread.schedule(() -> runLogged(task), Math.max(0, delayMs), TimeUnit.MILLISECONDS);
      return () -> future.cancel(false);
    } catch (RejectedExecutionException _) {
      return () -> {}; // closed
    }
  }

  private static void runLogged(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a task failed", e);
      throw e;
    }
  }

  @Override
  public long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** Waits for the task that is running, unless that is the caller. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_WAIT_S, TimeUnit.SECONDS)) {
        LOG.warn("a task does not end");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
