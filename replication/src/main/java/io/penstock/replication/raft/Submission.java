package io.penstock.replication.raft;

/** What became of a command that was given to this node's member of a group. */
public sealed interface Submission<R> {

  /** It was agreed on and applied here. */
  record Applied<R>(long index, R result) implements Submission<R> {}

  /**
   * This node does not lead; nothing was asked.
   *
   * @param leaderId a better place to ask, or {@link GroupRole#NOBODY}
   */
  record NotLeader<R>(int leaderId) implements Submission<R> {}

  /** Not now. It may have been taken: ask again, here or at the next leader, with the same ids. */
  record Retry<R>(String reason) implements Submission<R> {}
}
