package io.penstock.replication.follower;

import java.util.concurrent.CompletionStage;

/**
 * One leader node, on one lane. Connects when it is asked, and again after a failure; never asked
 * while a fetch is under way.
 */
public interface LeaderEndpoint extends AutoCloseable {

  /**
   * Asks the leader. Completes on a thread on which the records may be written, though nothing may
   * wait there; fails with {@link io.penstock.replication.peer.PeerException} only. After a failure
   * the next fetch has to be fresh.
   */
  CompletionStage<LeaderAnswer> fetch(ReplicaFetch fetch);

  /**
   * Asks the leader to answer the fetch that is under way as soon as it can, with whatever it has:
   * there is more to ask for. A hint, for an endpoint that can pass it on; without it a replica
   * that has just got this leader waits for as long as the leader keeps an idle fetch.
   */
  default void hurry() {}

  /** Ends what is under way, which then fails. */
  @Override
  void close();
}
