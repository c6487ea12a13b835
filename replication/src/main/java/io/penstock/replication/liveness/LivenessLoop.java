package io.penstock.replication.liveness;

/**
 * The one thread on which the parts of this package run, and its clock: their state needs no lock.
 * Any thread may call this; tasks run in the order of their times, and then of their arrival.
 */
public interface LivenessLoop {

  /** Milliseconds since some moment; never goes back, and goes on while the process is stopped. */
  long nowMs();

  void execute(Runnable task);

  Timer after(long delayMs, Runnable task);

  /** A task that waits for its time. */
  interface Timer {
    void cancel();
  }
}
