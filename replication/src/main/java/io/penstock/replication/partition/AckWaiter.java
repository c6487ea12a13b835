package io.penstock.replication.partition;

import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits until what it appended may be acknowledged. It is settled once, on any thread,
 * and then run on its loop.
 */
public interface AckWaiter extends Runnable {

  WakeTarget home();

  /** How the wait ended: null when stored as asked. The waiter is run on its loop after this. */
  void settle(@Nullable Refusal refusal);
}
