package io.penstock.node.peer;

import io.penstock.client.net.BrokerConnection;
import io.penstock.client.wire.ReceivedResponse;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.EnvelopeRequestData;
import org.apache.kafka.common.message.EnvelopeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** A connection to a peer that has introduced itself and was found to be one of us. Any thread. */
public final class PeerConnection {

  private static final int FIRST_WITH_SOFTWARE_NAME = 3;

  private final BrokerConnection connection;
  private final Introduction peer;

  PeerConnection(BrokerConnection connection, Introduction peer) {
    this.connection = connection;
    this.peer = peer;
  }

  public Introduction peer() {
    return peer;
  }

  public boolean isOpen() {
    return connection.isOpen();
  }

  public void close() {
    connection.close();
  }

  /**
   * Sends one of Kafka's requests; whoever receives the answer closes it. Fails with what {@link
   * PeerOpener#peerException} understands.
   */
  public CompletableFuture<ReceivedResponse> send(
      ApiKeys api, IntFunction<? extends ApiMessage> request, long timeoutMs) {
    return connection.send(api, request, timeoutMs);
  }

  /**
   * Lets the peer know that an answer is waited for: any request behind a parked one has it answer
   * that (see {@link io.penstock.node.api.RequestContext#whenFollowed}).
   */
  public void hurry() {
    var _ =
        connection
            .send(ApiKeys.API_VERSIONS, PeerConnection::versionsRequest)
            .thenAccept(ReceivedResponse::close);
  }

  private static ApiMessage versionsRequest(int version) {
    ApiVersionsRequestData request = new ApiVersionsRequestData();
    return version < FIRST_WITH_SOFTWARE_NAME
        ? request
        : request.setClientSoftwareName("penstock").setClientSoftwareVersion("0");
  }

  /** Fails with what the connection fails with, or with the peer's own words. */
  public CompletableFuture<byte[]> ask(PeerApi api, byte[] body, long timeoutMs) {
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
