package io.penstock.cluster.bench;

import io.penstock.cluster.wire.NodeClient;
import java.io.IOException;

/** How one member is in its group: the calls of a protocol by which it comes and stays. */
interface Membership {

  /** An answer with which the member cannot go on; it may begin again. */
  final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  /** Comes into the group, or comes again where it has lost its place. */
  void join(NodeClient coordinator) throws IOException;

  /** Says that it lives; false where it has to join again. */
  boolean heartbeat(NodeClient coordinator) throws IOException;

  /** How long until it has to say so again. */
  int heartbeatMs();

  /** The id that the coordinator knows it by. */
  String memberId();

  /** The generation, or the epoch of the member. */
  int epoch();
}
