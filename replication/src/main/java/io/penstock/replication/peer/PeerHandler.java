package io.penstock.replication.peer;

import java.util.concurrent.CompletionStage;

/**
 * Answers the requests of one {@link PeerApi}, on the network thread that read them: it must not
 * block. A failed stage, or an exception, is answered as {@link PeerException.Kind#FAILED} with its
 * message, and counted; expected outcomes are part of the answer's bytes.
 */
@FunctionalInterface
public interface PeerHandler {

  CompletionStage<byte[]> handle(PeerCaller caller, byte[] body);
}
