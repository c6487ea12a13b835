package io.penstock.node.api;

import io.penstock.replication.partition.Wakeups;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event loop whose time is moved by hand. It is the thread that made it, the test\'s, until that
 * leaves it; what other threads hand it runs when the test asks it to.
 */
public final class ManualLoop implements Loop {

  private static final class Timer implements Cancellable {
    private final long dueMs;
    private final Runnable task;
    private boolean cancelled;

    private Timer(long dueMs, Runnable task) {
      this.dueMs = dueMs;
      this.task = task;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private final Thread thread = Thread.currentThread();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final List<Timer> timers = new ArrayList<>();
  private final Wakeups wakeups = new Wakeups();
  private long nowMs;
  private boolean left;

  /** From here on, the test's thread is another one. */
  public void leave() {
    left = true;
  }

  @Override
  public boolean isCurrentThread() {
    return !left && Thread.currentThread() == thread;
  }

  @Override
  public synchronized void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public synchronized Cancellable schedule(long delayMs, Runnable task) {
    Timer timer = new Timer(nowMs + delayMs, task);
    timers.add(timer);
    return timer;
  }

  public Wakeups wakeups() {
    return wakeups;
  }

  /** Ends a read round: tasks, then waiters, until nothing is left. */
  public void runRound() {
    do {
      for (Runnable task = next(); task != null; task = next()) {
        task.run();
      }
      wakeups.run();
    } while (hasTasks());
  }

  private synchronized @Nullable Runnable next() {
    return tasks.poll();
  }

  private synchronized boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /** Lets time pass and runs what is due, in order. */
  public void advance(long ms) {
    long until = nowMs + ms;
    for (Optional<Timer> due = dueBy(until); due.isPresent(); due = dueBy(until)) {
      nowMs = due.get().dueMs;
      due.get().task.run();
      runRound();
    }
    nowMs = until;
  }

  private synchronized Optional<Timer> dueBy(long untilMs) {
    timers.removeIf(timer -> timer.cancelled);
    Optional<Timer> due =
        timers.stream()
            .filter(timer -> timer.dueMs <= untilMs)
            .min(Comparator.comparingLong(timer -> timer.dueMs));
    due.ifPresent(timers::remove);
    return due;
  }

  public synchronized int timers() {
    timers.removeIf(timer -> timer.cancelled);
    return timers.size();
  }
}
