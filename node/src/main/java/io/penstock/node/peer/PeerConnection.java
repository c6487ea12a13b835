package io.penstock.node.peer;

import io.penstock.client.net.BrokerConnection;
import io.penstock.client.wire.ReceivedResponse;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** A connection to a peer that has introduced itself and was found to be one of us. Any thread. */
final class PeerConnection {

  private final BrokerConnection connection;
  private final Introduction peer;

  PeerConnection(BrokerConnection connection, Introduction peer) {
    this.connection = connection;
    this.peer = peer;
  }

  Introduction peer() {
    return peer;
  }

  boolean isOpen() {
    return connection.isOpen();
  }

  void close() {
    connection.close();
  }

  /** Fails with what the connection fails with, or with the peer's own words. */
  CompletableFuture<byte[]> ask(PeerApi api, byte[] body, long timeoutMs) {
    return ask(connection, api, body, timeoutMs);
  }

  static CompletableFuture<byte[]> ask(
      BrokerConnection connection, PeerApi api, byte[] body, long timeoutMs) {
    return connection
        .send(
            ApiKeys.ENVELOPE,
            _ ->
                new EnvelopeRequestData()
                    .setRequestData(PeerEnvelope.request(api, body))
                    .setClientHostAddress(new byte[0]),
            timeoutMs)
        .thenApply(PeerConnection::read);
  }

  private static byte[] read(ReceivedResponse response) {
    try (response) {
      EnvelopeResponseData answer = (EnvelopeResponseData) response.message();
      if (answer.errorCode() != Errors.NONE.code()) {
        throw new PeerException(
            PeerException.Kind.FAILED, "answered " + Errors.forCode(answer.errorCode()));
      }
      return PeerEnvelope.readAnswer(answer.responseData());
    }
  }
}
