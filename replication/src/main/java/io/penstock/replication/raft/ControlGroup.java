package io.penstock.replication.raft;

import java.util.concurrent.CompletionStage;

/**
 * One group that this node has a voice in. Any thread may call it.
 *
 * @param <I> image
 * @param <C> command
 * @param <R> result
 */
public interface ControlGroup<I, C, R> {

  /** The newest image that was applied here. */
  I image();

  /**
   * Asks the group. Completes on the applier thread, whose continuations must not block, after the
   * image here has the outcome and the listener was told. Fails with {@link
   * io.penstock.replication.value.ControlUnavailableException} if the outcome is not known in
   * bounded time, and with {@link io.penstock.replication.value.CommandTooLargeException} if
   * nothing was asked.
   */
  CompletionStage<R> propose(C command);
}
