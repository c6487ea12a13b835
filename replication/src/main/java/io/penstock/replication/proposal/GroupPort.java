package io.penstock.replication.proposal;

import io.penstock.replication.observer.GroupView;
import io.penstock.replication.raft.Submission;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * A group as this node reaches it, now. Any thread may call.
 *
 * @param <R> result
 */
public interface GroupPort<R> {

  /** Who leads and who votes, as far as this node knows. */
  GroupView view();

  /** The term in which this node itself leads, and may be given commands; -1 where it does not. */
  long leadsInTerm();

  default boolean leadsHere() {
    return leadsInTerm() >= 0;
  }

  /** Gives a command to this node's own member: one try. */
  CompletionStage<Submission<R>> submit(UUID proposer, long callId, byte[] command);
}
