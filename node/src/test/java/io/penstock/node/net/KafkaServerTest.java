package io.penstock.node.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.RequestContext;
import io.penstock.node.net.region.TestFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole connections against a server whose handlers are made up; real sockets on loopback. */
@Timeout(60)
final class KafkaServerTest {

  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private final TestServer server = new TestServer();

  @AfterEach
  void everythingIsGivenBack() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersOnBothTransports(boolean nativeTransport) throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.start(TestServer.settings(nativeTransport, ServerSettings.RequestLimits.defaults()));
    try (TestClient client = server.client()) {
      client.send(TestRequests.listGroups(7));

      assertEquals(7, client.readCorrelationId());
    }
    assertEquals(1, server.registry.timer("penstock.request.time.ListGroups").getCount());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersPipelinedRequestsInTheirOrderWhateverTheOrderOfAnswers(boolean nativeTransport)
      throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.on(ApiKeys.PRODUCE, (context, _) -> context.respondNothing());
    server.start(TestServer.settings(nativeTransport, ServerSettings.RequestLimits.defaults()));
    try (TestClient client = server.client()) {
      client.send(
          TestRequests.fetch(1),
          TestRequests.listGroups(2),
          TestRequests.produce(3, 100),
          TestRequests.fetch(4),
          TestRequests.listGroups(5));
      RequestContext first = server.take();
      RequestContext fourth = server.take();

      fourth.respond(new FetchResponseData());
      first.respond(new FetchResponseData());

      assertEquals(List.of(1, 2, 4, 5), TestRequests.correlationIds(client, 4));
    }
  }

  @Test
  void refusesToEndARequestTwice() throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.start();
    try (TestClient client = server.client()) {
      client.send(TestRequests.fetch(1));
      RequestContext context = server.take();
      context.respond(new FetchResponseData());

      assertThrows(IllegalStateException.class, () -> context.respond(new FetchResponseData()));
      assertThrows(IllegalStateException.class, context::respondNothing);
      assertEquals(1, client.readCorrelationId());
    }
  }

  @Test
  void answersAnUnknownVersionOfApiVersionsInVersionZero() throws Exception {
    server.add(
        new TestHandler(
            ApiKeys.API_VERSIONS, (context, _) -> context.respond(new ApiVersionsResponseData())) {
          @Override
          public ApiMessage unsupportedVersion(short version) {
            return new ApiVersionsResponseData().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
          }
        });
    server.start();
    byte[] request = TestClient.request(ApiKeys.API_VERSIONS, 3, 9, new ApiVersionsRequestData());
    ByteBuffer.wrap(request).putShort(6, (short) 99);
    try (TestClient client = server.client()) {
      client.send(request);

      var response = client.readResponse(ApiKeys.API_VERSIONS, 0);

      assertEquals(9, response.correlationId());
      assertEquals(
          Errors.UNSUPPORTED_VERSION.code(),
          ((ApiVersionsResponseData) response.message()).errorCode());
    }
  }

  @Test
  void answersWhatWasTakenUpWhileItHoldsAndTheRestInOrderAfterwards() throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> server.parked.add(context));
    server.start();
    try (TestClient client = server.client()) {
      client.send(TestRequests.listGroups(1));
      RequestContext first = server.take();
      server.running().hold().toCompletableFuture().get();
      client.send(TestRequests.listGroups(2), TestRequests.listGroups(3));
      try (TestClient other = server.client()) {
        other.send(TestRequests.listGroups(4));

        first.respond(new ListGroupsResponseData());

        assertEquals(1, client.readCorrelationId());
        server.running().hold().toCompletableFuture().get(); // a round of each loop has gone by
        assertTrue(server.parked.isEmpty());
        server.running().goOn();
        List<RequestContext> rest = List.of(server.take(), server.take(), server.take());
        rest.forEach(each -> each.respond(new ListGroupsResponseData()));
        assertEquals(List.of(2, 3), TestRequests.correlationIds(client, 2));
        assertEquals(4, other.readCorrelationId());
      }
    }
  }

  @Test
  void endsConnectionsThatWaitForNothingOnceWhatTheySentIsTakenUp() throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> server.parked.add(context));
    server.start();
    try (TestClient idle = known();
        TestClient waiting = known();
        TestClient asking = known();
        TestClient speaking = known()) {
      waiting.send(TestRequests.listGroups(2));
      RequestContext open = server.take();
      server.running().hold().toCompletableFuture().get();
      asking.send(TestRequests.listGroups(3));
      byte[] request = TestRequests.listGroups(4);
      speaking.send(Arrays.copyOf(request, 6));

      server.running().goOn();
      server.running().endIdle();

      assertTrue(idle.isClosedByServer());
      server.take().respond(new ListGroupsResponseData());
      assertEquals(3, asking.readCorrelationId());
      open.respond(new ListGroupsResponseData());
      assertEquals(2, waiting.readCorrelationId());
      speaking.send(Arrays.copyOfRange(request, 6, request.length));
      server.take().respond(new ListGroupsResponseData());
      assertEquals(4, speaking.readCorrelationId());
    }
  }

  /** One whose connection is there, which takes its first answer. */
  private TestClient known() throws Exception {
    TestClient client = server.client();
    client.send(TestRequests.listGroups(1));
    server.take().respond(new ListGroupsResponseData());
    assertEquals(1, client.readCorrelationId());
    return client;
  }

  @Test
  void closesAConnectionThatAsksForWhatIsNotServed() throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.start();
    byte[] unknownVersion = TestRequests.listGroups(1);
    ByteBuffer.wrap(unknownVersion).putShort(6, (short) 99);
    for (byte[] request : List.of(TestRequests.fetch(1), unknownVersion)) {
      try (TestClient client = server.client()) {
        client.send(request);

        assertTrue(client.isClosedByServer());
      }
    }
    assertEquals(2, server.registry.meter("penstock.request.malformed").getCount());
  }

  @Test
  void closesOnlyTheConnectionThatSendsGarbage() throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.start();
    Random random = new Random(11);
    try (TestClient healthy = server.client()) {
      for (int i = 0; i < 200; i++) {
        byte[] garbage = new byte[1 + random.nextInt(300)];
        random.nextBytes(garbage);
        garbage[0] = (byte) 0x80; // a negative length, so that nobody waits for the rest
        try (TestClient client = server.client()) {
          client.send(TestClient.join(new byte[0], garbage, new byte[4]));
          assertTrue(client.isClosedByServer());
        }
        healthy.send(TestRequests.listGroups(i));
        assertEquals(i, healthy.readCorrelationId());
      }
    }
    assertEquals(200, server.registry.meter("penstock.request.malformed").getCount());
  }

  @Test
  void answersWhatCameBeforeTheGarbage() throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.start();
    try (TestClient client = server.client()) {
      client.send(
          TestRequests.listGroups(1), TestRequests.listGroups(2), new byte[] {-1, -1, -1, -1});

      assertEquals(List.of(1, 2), TestRequests.correlationIds(client, 2));
      assertTrue(client.isClosedByServer());
    }
  }

  @Test
  void closesTheConnectionOfARequestWhoseHandlerThrows() throws Exception {
    server.on(
        ApiKeys.LIST_GROUPS,
        (_, _) -> {
          throw new IllegalStateException("a bug");
        });
    server.start();
    try (TestClient client = server.client()) {
      client.send(TestRequests.listGroups(1));

      assertTrue(client.isClosedByServer());
    }
    assertEquals(1, server.registry.meter("penstock.request.failures").getCount());
  }

  @Test
  void sendsTheErrorResponseOfARequestWhoseHandlerThrows() throws Exception {
    server.add(
        new TestHandler(
            ApiKeys.LIST_GROUPS,
            (_, _) -> {
              throw new IllegalStateException("a bug");
            }) {
          @Override
          public ApiMessage failure(RequestContext context, ApiMessage request, Throwable cause) {
            return new ListGroupsResponseData().setErrorCode(Errors.UNKNOWN_SERVER_ERROR.code());
          }
        });
    server.start();
    try (TestClient client = server.client()) {
      client.send(TestRequests.listGroups(1));

      var response = (ListGroupsResponseData) client.readResponse(ApiKeys.LIST_GROUPS, 4).message();

      assertEquals(Errors.UNKNOWN_SERVER_ERROR.code(), response.errorCode());
    }
  }

  @Test
  void abandonsParkedRequestsAndReleasesTheRangesOfLateAnswersWhenTheClientLeaves()
      throws Exception {
    AtomicInteger abandoned = new AtomicInteger();
    server.on(
        ApiKeys.FETCH,
        (context, _) -> {
          context.whenAbandoned(abandoned::incrementAndGet);
          server.parked.add(context);
        });
    server.start();
    try (TestFile file = new TestFile(directory.resolve("segment"))) {
      file.write(new byte[1000], 0);
      TestClient client = server.client();
      client.send(TestRequests.fetch(1));
      RequestContext context = server.take();
      client.close();
      await().untilAsserted(() -> assertEquals(1, abandoned.get()));
      assertFalse(context.connection().isOpen());

      context.respond(TestRequests.fetchResponse(file, 0, 1000));

      await().untilAsserted(() -> assertEquals(1, file.rangesReleased()));
    }
  }

  @Test
  void answersWaitersOfOtherConnectionsAfterTheRoundThatWokeThem() throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.on(
        ApiKeys.PRODUCE,
        (context, _) -> {
          RequestContext waiter = server.parked.remove();
          context.wakeups().add(waiter.loop(), () -> waiter.respond(new FetchResponseData()));
          context.respond(new ProduceResponseData());
        });
    server.start();
    for (int i = 0; i < 20; i++) {
      try (TestClient consumer = server.client();
          TestClient producer = server.client()) {
        consumer.send(TestRequests.fetch(i));
        await().untilAsserted(() -> assertEquals(1, server.parked.size()));
        producer.send(TestRequests.produce(100 + i, 10));

        assertEquals(100 + i, producer.readCorrelationId());
        assertEquals(i, consumer.readCorrelationId());
      }
    }
  }

  @Test
  void sendsFetchedRangesByteForByte() throws Exception {
    byte[] content = new byte[4 * MIB];
    new Random(5).nextBytes(content);
    try (TestFile file = new TestFile(directory.resolve("segment"))) {
      file.write(content, 0);
      server.on(
          ApiKeys.FETCH,
          (context, _) -> context.respond(TestRequests.fetchResponse(file, 100, 3 * MIB)));
      server.start();
      try (TestClient client = server.client()) {
        client.send(TestRequests.fetch(1), TestRequests.fetch(2));
        for (int i = 1; i <= 2; i++) {
          var response = (FetchResponseData) client.readResponse(ApiKeys.FETCH, 12).message();
          ByteBuffer records =
              Objects.requireNonNull(
                  WireRecords.bytesOf(response.responses().get(0).partitions().get(0).records()));
          byte[] received = new byte[3 * MIB];
          records.get(received);

          assertArrayEquals(java.util.Arrays.copyOfRange(content, 100, 100 + 3 * MIB), received);
        }
      }
      await().untilAsserted(() -> assertEquals(2, file.rangesReleased()));
    }
  }
}
