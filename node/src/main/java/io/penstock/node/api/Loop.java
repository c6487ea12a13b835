package io.penstock.node.api;

import io.penstock.replication.partition.WakeTarget;

/**
 * An event loop as handlers see it: the one thread that serves a set of connections. A task on it
 * must not block.
 */
public interface Loop extends WakeTarget {

  /** Runs the task on this loop after the delay; may be called on any thread. */
  Cancellable schedule(long delayMs, Runnable task);
}
