package io.penstock.replication.peer;

import io.penstock.replication.value.Address;
import java.util.concurrent.CompletionStage;

/** Carries requests to other nodes. Any thread may call it; nothing blocks; all is bounded. */
public interface PeerNetwork {

  /** The longest body of a request and of an answer: what is larger has to go in parts. */
  int BODY_BYTES_MAX = 15 << 20;

  /**
   * Asks the node at an address. The connection is made when there is none. Completes on a network
   * thread, whose continuations must not block; fails with {@link PeerException} only.
   *
   * @param body belongs to the network from here on
   * @param timeoutMs for the answer, connecting included
   */
  CompletionStage<byte[]> ask(Address to, PeerApi api, byte[] body, long timeoutMs);
}
