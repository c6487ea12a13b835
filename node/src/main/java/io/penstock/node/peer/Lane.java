package io.penstock.node.peer;

import io.penstock.replication.peer.PeerApi;

/**
 * Which requests share a connection. On one connection answers come in the order of the requests,
 * so whatever may take long must not go before what must not wait.
 */
enum Lane {
  /** Raft's messages, answered as fast as the disk allows. */
  RAFT,
  /** Small questions that are answered at once, by which nodes know each other alive. */
  LIVENESS,
  /** Commands, which are committed in their order anyway. */
  PROPOSALS,
  /** What may be parked or take long: each has a connection to itself while it lasts. */
  PARKED;

  static Lane of(PeerApi api) {
    return switch (api) {
      case RAFT -> RAFT;
      case HELLO, HEARTBEAT -> LIVENESS;
      case PROPOSE -> PROPOSALS;
      // A probe may be asked for a second opinion, which takes as long as a peer may be silent.
      case POLL, SNAPSHOT, REGISTER, SUSPECT, PROBE, STATUS, VOTERS, PROGRESS -> PARKED;
    };
  }
}
