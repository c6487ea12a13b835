package io.penstock.replication.observer;

import java.util.TreeSet;

/** {@link Tasks} whose time passes when a test says so, on the test's thread. */
public final class ManualTasks implements Tasks {

  private final TreeSet<Due> due = new TreeSet<>();
  private long nowMs;
  private long number;

  /** A task and its time; those of the same time in the order they came. */
  private record Due(long atMs, long number, Runnable task) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int order = Long.compare(atMs, other.atMs);
      return order != 0 ? order : Long.compare(number, other.number);
    }
  }

  @Override
  public void run(Runnable task) {
    var _ = runAfter(0, task);
  }

  @Override
  public Handle runAfter(long delayMs, Runnable task) {
    Due added = new Due(nowMs + delayMs, number++, task);
    due.add(added);
    return () -> due.remove(added);
  }

  @Override
  public long nowMs() {
    return nowMs;
  }

  /** Runs all that is due. */
  public void runDue() {
    advance(0);
  }

  /** Lets time pass, and runs what falls into it. */
  public void advance(long byMs) {
    long untilMs = nowMs + byMs;
    while (!due.isEmpty() && due.getFirst().atMs() <= untilMs) {
      Due next = due.removeFirst();
      nowMs = next.atMs();
      next.task().run();
    }
    nowMs = untilMs;
  }

  /** How many tasks wait for their time. */
  public int waiting() {
    return due.size();
  }
}
