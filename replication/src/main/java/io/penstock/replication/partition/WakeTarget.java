package io.penstock.replication.partition;

/**
 * An event loop as replication sees it: where a waiter of a partition wants to be woken. Both
 * methods may be called on any thread.
 */
public interface WakeTarget {

  /** Whether the calling thread is this loop's. */
  boolean isCurrentThread();

  /**
   * Runs the task on this loop, after what the loop is doing now; dropped if the loop has ended.
   */
  void execute(Runnable task);
}
