package io.penstock.replication.partition;

/** The place of a waiter at one partition. Any thread may use it. */
@FunctionalInterface
public interface Ticket {

  /**
   * Leaves the partition; harmless when it was left before.
   *
   * @return false where the waiter was not there any more
   */
  boolean leave();
}
