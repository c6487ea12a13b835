package io.penstock.replication.observer;

/**
 * One thread and its clock: tasks run one at a time, in the order they came or at their time. Any
 * thread may hand one in; after the end they are dropped.
 */
public interface Tasks {

  /** Runs a task soon. */
  void run(Runnable task);

  /** Runs a task later, unless it is cancelled. */
  Handle runAfter(long delayMs, Runnable task);

  /** A clock that only runs forward. */
  long nowMs();

  /** A task that has its time. */
  @FunctionalInterface
  interface Handle {

    /** Never runs it from now on, if it has not begun. */
    void cancel();
  }
}
