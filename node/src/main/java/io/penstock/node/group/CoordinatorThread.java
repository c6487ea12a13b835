package io.penstock.node.group;

import io.penstock.replication.partition.WakeTarget;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of some shards. What clients ask for has a bound here, {@link #EVENTS_MAX}; what
 * shards ask of themselves (to load, to go on when something is committed, one timer each) is
 * bounded by what they have taken in.
 */
final class CoordinatorThread implements WakeTarget, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CoordinatorThread.class);

  /** Events of clients that wait for the thread; more are refused. */
  private static final int EVENTS_MAX = 10_000;

  private static final long CLOSE_SECONDS = 10;

  private final ScheduledThreadPoolExecutor executor;
  private final AtomicInteger waiting = new AtomicInteger();
  private final BatchBuffer batches = new BatchBuffer();

  CoordinatorThread(String name) {
    executor =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name(name).daemon().factory());
    executor.setRemoveOnCancelPolicy(true);
  }

  /**
   * Never: who waited for the log may append in its turn, and must not do so while an event is
   * about to learn where its own append has gone. All go by the queue.
   */
  @Override
  public boolean isCurrentThread() {
    return false;
  }

  @Override
  public void execute(Runnable task) {
    try {
      executor.execute(() -> run(task));
    } catch (RejectedExecutionException closed) {
      LOG.debug("The coordinator is closed, a task is dropped");
    }
  }

  /** Has an event of a client happen; false where too many wait already, or the thread ends. */
  boolean offer(Runnable event) {
    if (waiting.incrementAndGet() > EVENTS_MAX) {
      waiting.decrementAndGet();
      return false;
    }
    try {
      executor.execute(() -> {
        waiting.decrementAndGet();
        run(event);
      });
      return true;
    } catch (RejectedExecutionException closed) {
      waiting.decrementAndGet();
      return false;
    }
  }

  /** Runs the task after the delay; null where the thread ends. */
  @Nullable ScheduledFuture<?> schedule(long delayMs, Runnable task) {
    try {
      return executor.schedule(() -> run(task), delayMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      return null;
    }
  }

  int waiting() {
    return waiting.get();
  }

  /** What all shards of this thread write their batches into; on this thread only. */
  BatchBuffer batches() {
    return batches;
  }

  /** Shards look after their own failures; one that comes up to here is lost to nobody. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable defect) {
      LOG.error("A task of the coordinator has failed", defect);
    }
  }

  /** Ends when what was handed in before has run. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("A coordinator thread did not end within {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
