package io.penstock.replication.isr;

import io.penstock.replication.liveness.LivenessLoop;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A loop whose time a test moves, on its own thread. */
final class ManualLoop implements LivenessLoop {

  private record Task(long atMs, long number, Runnable body) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::atMs).thenComparingLong(Task::number));
  private long nowMs = 1_000;
  private long number;

  @Override
  public long nowMs() {
    return nowMs;
  }

  @Override
  public void execute(Runnable task) {
    var _ = after(0, task);
  }

  @Override
  public Timer after(long delayMs, Runnable body) {
    Task task = new Task(nowMs + delayMs, number++, body);
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  /** Does what is due now. */
  void run() {
    advance(0);
  }

  /** Lets so much time pass, and does what becomes due in it. */
  void advance(long ms) {
    long endMs = nowMs + ms;
    for (Task next = tasks.peek(); next != null && next.atMs <= endMs; next = tasks.peek()) {
      tasks.remove();
      nowMs = Math.max(nowMs, next.atMs);
      next.body.run();
    }
    nowMs = endMs;
  }
}
