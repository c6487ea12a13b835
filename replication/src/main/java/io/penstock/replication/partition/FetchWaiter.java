package io.penstock.replication.partition;

/**
 * Somebody who waits until partitions have more to read. The same waiter hangs at many partitions;
 * it is run on its loop, looks at them again, and leaves all of them.
 */
public interface FetchWaiter extends Runnable {

  WakeTarget home();

  /**
   * Tells that so many more bytes may be read at one of its partitions; called on any thread, and
   * must neither block nor call back, but to leave the place at which it was told. The count is a
   * hint that may be too high, never too low.
   *
   * @return true the one time that the waiter is to be run, because it has enough to look again
   */
  boolean bytesAvailable(long bytes);

  /**
   * Tells one who waits for bytes up to the log's end that the high watermark or the start of the
   * log has moved, for which it may not be in a hurry; as {@link #bytesAvailable} otherwise.
   *
   * @return true the one time that the waiter is to be run
   */
  default boolean bordersMoved() {
    return false;
  }

  /**
   * Tells that a partition changed its role or went away, so that waiting on it has no sense.
   *
   * @return true the one time that the waiter is to be run
   */
  boolean disturbed();
}
