package io.penstock.client.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.net.BrokerConnectionException.Kind;
import io.penstock.client.wire.FrameLimits;
import io.penstock.client.wire.ReceivedResponse;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One connection to a broker that behaves, or does not. */
@Timeout(60)
class BrokerConnectionTest {

  private final FakeBroker broker = new FakeBroker();
  private final ClientTransport transport = ClientTransport.owning("test-client", 1);

  @AfterEach
  void close() {
    transport.close();
    broker.close();
  }

  @Test
  void usesTheHighestVersionThatBothKnow() throws Exception {
    broker.on(ApiKeys.METADATA, 7, e -> e.answer(new MetadataResponseData().setControllerId(5)));

    try (BrokerConnection connection = open(30_000)) {
      MetadataResponseData answer = get(metadata(connection));

      assertEquals(5, answer.controllerId());
      assertEquals(7, broker.exchanges(ApiKeys.METADATA).get(0).version());
    }
  }

  @Test
  void asksOlderBrokersAgainInAVersionTheyKnow() throws Exception {
    broker.speaksApiVersionsUpTo(2).on(ApiKeys.METADATA, e -> e.answer(new MetadataResponseData()));

    try (BrokerConnection connection = open(30_000)) {
      assertTrue(connection.versions().highestCommon(ApiKeys.METADATA).isPresent());
      assertEquals(
          List.of(ApiKeys.API_VERSIONS.latestVersion(false), (short) 2),
          broker.exchanges(ApiKeys.API_VERSIONS).stream().map(e -> e.version()).toList());
    }
  }

  @Test
  void apiThatTheBrokerDoesNotServeIsRefusedUnsent() throws Exception {
    try (BrokerConnection connection = open(30_000)) {
      assertEquals(Kind.UNSUPPORTED, failureOf(metadata(connection)));
      assertTrue(connection.isOpen());
    }
  }

  @Test
  void fieldThatAnOldVersionCannotCarryIsRefusedUnsent() throws Exception {
    broker.on(ApiKeys.METADATA, 0, e -> e.answer(new MetadataResponseData()));

    try (BrokerConnection connection = open(30_000)) {
      var answer =
          connection.call(
              ApiKeys.METADATA,
              v -> new MetadataRequestData().setAllowAutoTopicCreation(false),
              MetadataResponseData.class);

      assertEquals(Kind.UNSUPPORTED, failureOf(answer));
      assertEquals(0, connection.inFlight());
    }
  }

  @Test
  void requestsAreSentWithoutWaitingForAnswersAndEachGetsItsOwn() throws Exception {
    List<FakeBroker.Exchange> held = new CopyOnWriteArrayList<>();
    broker.on(ApiKeys.HEARTBEAT, held::add);

    try (BrokerConnection connection = open(30_000)) {
      List<CompletableFuture<HeartbeatResponseData>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.add(heartbeat(connection));
      }
      await().until(() -> held.size() == 4);
      for (int i = 0; i < 4; i++) {
        held.get(i).answer(new HeartbeatResponseData().setThrottleTimeMs(i));
      }

      for (int i = 0; i < 4; i++) {
        assertEquals(i, get(answers.get(i)).throttleTimeMs());
      }
      assertEquals(0, connection.inFlight());
    }
  }

  @Test
  void requestBeyondTheLimitIsRefusedUnsent() throws Exception {
    broker.on(ApiKeys.HEARTBEAT, e -> {});

    try (BrokerConnection connection = open(30_000)) {
      List<CompletableFuture<HeartbeatResponseData>> waiting = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        waiting.add(heartbeat(connection));
      }

      assertEquals(Kind.BUSY, failureOf(heartbeat(connection)));
      assertEquals(4, connection.inFlight());
      assertFalse(waiting.get(0).isDone());
    }
  }

  @Test
  void silentBrokerFailsAllThatIsPendingAndLosesTheConnection() throws Exception {
    broker.on(ApiKeys.HEARTBEAT, e -> {});

    try (BrokerConnection connection = open(200)) {
      CompletableFuture<HeartbeatResponseData> first = heartbeat(connection);
      CompletableFuture<HeartbeatResponseData> second = heartbeat(connection);

      assertEquals(Kind.TIMED_OUT, failureOf(first));
      assertEquals(Kind.TIMED_OUT, failureOf(second));
      connection.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
      assertFalse(connection.isOpen());
    }
  }

  @Test
  void brokerThatHangsUpFailsAllThatIsPending() throws Exception {
    broker.on(ApiKeys.HEARTBEAT, FakeBroker.Exchange::hangUp);

    try (BrokerConnection connection = open(30_000)) {
      CompletableFuture<HeartbeatResponseData> first = heartbeat(connection);

      assertEquals(Kind.CLOSED, failureOf(first));
      assertEquals(Kind.CLOSED, failureOf(heartbeat(connection)));
    }
  }

  @Test
  void nonsenseEndsTheConnection() throws Exception {
    broker.on(ApiKeys.HEARTBEAT, e -> e.answerBytes("HTTP/1.1 400 Bad".getBytes(US_ASCII)));

    try (BrokerConnection connection = open(30_000)) {
      assertEquals(Kind.MALFORMED, failureOf(heartbeat(connection)));
    }
  }

  @Test
  void answerToAnotherRequestEndsTheConnection() throws Exception {
    broker.on(
        ApiKeys.HEARTBEAT,
        e -> e.answer(e.correlationId() + 1, e.version(), new HeartbeatResponseData()));

    try (BrokerConnection connection = open(30_000)) {
      assertEquals(Kind.MALFORMED, failureOf(heartbeat(connection)));
    }
  }

  @Test
  void requestWithoutAnswerIsSentAndNotWaitedFor() throws Exception {
    broker.on(ApiKeys.PRODUCE, e -> {});

    try (BrokerConnection connection = open(30_000)) {
      get(connection.sendUnanswered(ApiKeys.PRODUCE, v -> new ProduceRequestData()));

      await().until(() -> broker.exchanges(ApiKeys.PRODUCE).size() == 1);
      assertEquals(0, connection.inFlight());
    }
  }

  @Test
  void portWhereNobodyListensIsUnreachable() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    var opening =
        BrokerConnection.open(transport, new Endpoint("127.0.0.1", port), settings(30_000));

    assertEquals(Kind.UNREACHABLE, failureOf(opening));
  }

  @Test
  void brokerThatHangsUpDuringTheHandshakeFailsTheOpening() {
    broker.on(ApiKeys.API_VERSIONS, FakeBroker.Exchange::hangUp);

    assertEquals(
        Kind.CLOSED,
        failureOf(BrokerConnection.open(transport, broker.endpoint(), settings(30_000))));
  }

  private static final java.nio.charset.Charset US_ASCII =
      java.nio.charset.StandardCharsets.US_ASCII;

  private BrokerConnection open(long timeoutMs) throws Exception {
    return get(BrokerConnection.open(transport, broker.endpoint(), settings(timeoutMs)));
  }

  private static ConnectionSettings settings(long timeoutMs) {
    return new ConnectionSettings("test", 5_000, timeoutMs, 4, 1 << 20, FrameLimits.responses());
  }

  private static CompletableFuture<MetadataResponseData> metadata(BrokerConnection connection) {
    return connection.call(
        ApiKeys.METADATA, v -> new MetadataRequestData(), MetadataResponseData.class);
  }

  private static CompletableFuture<HeartbeatResponseData> heartbeat(BrokerConnection connection) {
    CompletableFuture<HeartbeatResponseData> result = new CompletableFuture<>();
    var unused =
        connection
            .send(ApiKeys.HEARTBEAT, v -> new HeartbeatRequestData())
            .whenComplete((response, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
                return;
              }
              try (ReceivedResponse open = response) {
                result.complete((HeartbeatResponseData) open.message());
              }
            });
    return result;
  }

  private static <T> T get(CompletableFuture<T> answer) throws Exception {
    return answer.get(30, TimeUnit.SECONDS);
  }

  static Kind failureOf(CompletableFuture<?> answer) {
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> answer.get(30, TimeUnit.SECONDS));
    return assertInstanceOf(BrokerConnectionException.class, failure.getCause()).kind();
  }
}
