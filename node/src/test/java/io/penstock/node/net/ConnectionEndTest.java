package io.penstock.node.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.RequestContext;
import io.penstock.node.net.region.TestFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections end, by what goes wrong or by half; real sockets on loopback. */
@Timeout(60)
final class ConnectionEndTest {

  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private final TestServer server = new TestServer();

  @AfterEach
  void everythingIsGivenBack() {
    server.close();
  }

  /** A response whose encoding fails, be it for what is in it or for want of memory. */
  private static final class Unencodable extends FetchResponseData {
    private final boolean memory;

    Unencodable(FetchResponseData like, boolean memory) {
      setResponses(like.responses());
      this.memory = memory;
    }

    @Override
    public void addSize(
        MessageSizeAccumulator size, ObjectSerializationCache cache, short version) {
      if (memory) {
        throw new OutOfMemoryError("made up");
      }
      throw new UnsupportedVersionException("made up");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closesTheConnectionAndReleasesTheRangesOfAResponseThatCannotBeEncoded(boolean memory)
      throws Exception {
    try (TestFile file = new TestFile(directory.resolve("segment"))) {
      file.write(new byte[1000], 0);
      server.on(
          ApiKeys.FETCH,
          (context, _) ->
              context.respond(new Unencodable(TestRequests.fetchResponse(file, 0, 1000), memory)));
      server.start();
      try (TestClient client = server.client()) {
        client.send(TestRequests.fetch(1));

        assertTrue(client.isClosedByServer());
      }
      assertEquals(1, file.rangesReleased());
      assertEquals(1, server.registry.meter("penstock.request.failures").getCount());
    }
  }

  /** Ways to come back to a request after its handler has returned. */
  enum Later {
    BY_TASK {
      @Override
      void run(RequestContext context, Runnable failing) {
        context.loop().execute(failing);
      }
    },
    BY_TIMER {
      @Override
      void run(RequestContext context, Runnable failing) {
        var _ = context.loop().schedule(1, failing);
      }
    },
    BY_WAKE_UP {
      @Override
      void run(RequestContext context, Runnable failing) {
        context.wakeups().add(context.home(), () -> context.attempt(failing));
      }
    };

    abstract void run(RequestContext context, Runnable failing);
  }

  @ParameterizedTest
  @EnumSource(Later.class)
  void closesTheConnectionOfARequestThatFailsLater(Later later) throws Exception {
    AtomicInteger abandoned = new AtomicInteger();
    server.on(
        ApiKeys.FETCH,
        (context, _) -> {
          context.whenAbandoned(abandoned::incrementAndGet);
          later.run(
              context,
              () -> {
                throw new IllegalStateException("a bug");
              });
        });
    server.start();
    try (TestClient client = server.client();
        TestClient other = server.client()) {
      client.send(TestRequests.fetch(1));

      assertTrue(client.isClosedByServer());
      await().untilAsserted(() -> assertEquals(1, abandoned.get()));
      other.send(TestRequests.fetch(1));
      assertTrue(other.isClosedByServer());
    }
    assertEquals(2, server.registry.meter("penstock.request.failures").getCount());
  }

  @Test
  void abandonsAllRequestsAlsoWhereOneOfThemFailsToLeave() throws Exception {
    AtomicInteger abandoned = new AtomicInteger();
    server.on(
        ApiKeys.FETCH,
        (context, _) -> {
          context.whenAbandoned(() -> {
            abandoned.incrementAndGet();
            throw new IllegalStateException("a bug");
          });
          server.parked.add(context);
        });
    server.start();
    try (TestClient client = server.client()) {
      client.send(TestRequests.fetch(1), TestRequests.fetch(2), TestRequests.fetch(3));
      await().untilAsserted(() -> assertEquals(3, server.parked.size()));
    }
    await().untilAsserted(() -> assertEquals(3, abandoned.get()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void countsAFileThatEndsBeforeWhatWasPromised(boolean nativeTransport) throws Exception {
    try (TestFile file = new TestFile(directory.resolve("segment"))) {
      file.write(new byte[10], 0);
      server.on(
          ApiKeys.FETCH,
          (context, _) -> context.respond(TestRequests.fetchResponse(file, 0, 100_000)));
      server.start(TestServer.settings(nativeTransport, ServerSettings.RequestLimits.defaults()));
      try (TestClient client = server.client()) {
        client.send(TestRequests.fetch(1));
        client.socket().getInputStream().readAllBytes();
      } catch (java.net.SocketException reset) {
        assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset.toString());
      }
      await().untilAsserted(() -> assertEquals(1, file.rangesReleased()));
      await()
          .untilAsserted(
              () -> assertEquals(1, server.registry.meter("penstock.request.failures").getCount()));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersWhatIsParkedOfAClientThatSendsNoMoreAndCloses(boolean nativeTransport)
      throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.start(TestServer.settings(nativeTransport, ServerSettings.RequestLimits.defaults()));
    try (TestClient client = server.client()) {
      client.send(TestRequests.fetch(1));
      RequestContext context = server.take();
      client.socket().shutdownOutput();
      TestClient other = server.client();
      other.send(TestRequests.fetch(2));
      server.take().respond(new FetchResponseData());
      other.readCorrelationId();
      other.close();

      context.respond(new FetchResponseData());

      assertEquals(1, client.readCorrelationId());
      assertTrue(client.isClosedByServer());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesUpWhatWasHeldBackOfAClientThatSendsNoMore(boolean nativeTransport) throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.start(
        TestServer.settings(
            nativeTransport, new ServerSettings.RequestLimits(1, MIB, MIB, 30_000)));
    try (TestClient client = server.client()) {
      client.send(TestRequests.fetch(0), TestRequests.fetch(1), TestRequests.fetch(2));
      client.socket().shutdownOutput();
      for (int i = 0; i < 3; i++) {
        server.take().respond(new FetchResponseData());

        assertEquals(i, client.readCorrelationId());
      }
      assertTrue(client.isClosedByServer());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 20})
  void closesAtOnceWhenAClientStopsInMidFrame(int bytes) throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.start();
    try (TestClient client = server.client()) {
      client.send(Arrays.copyOf(TestRequests.fetch(1), bytes));
      client.socket().shutdownOutput();

      assertTrue(client.isClosedByServer());
    }
  }

  @Test
  void abandonsWhatDoesNotGetReadyAfterAClientSentItsLast() throws Exception {
    AtomicInteger abandoned = new AtomicInteger();
    server.on(ApiKeys.FETCH, (context, _) -> context.whenAbandoned(abandoned::incrementAndGet));
    server.start();
    try (TestClient client = server.client()) {
      client.send(TestRequests.fetch(1));
      client.socket().shutdownOutput();

      assertTrue(client.isClosedByServer());
    }
    await().untilAsserted(() -> assertEquals(1, abandoned.get()));
  }

  @Test
  void takesUpNoMoreWhileAnswersThatWaitForTheirTurnFillTheBuffer() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.on(
        ApiKeys.LIST_GROUPS,
        (context, _) -> {
          handled.incrementAndGet();
          context.respond(groups(100_000));
        });
    server.start(TestServer.settings(true, new ServerSettings.RequestLimits(60, MIB, MIB, 30_000)));
    try (TestClient client = server.client()) {
      byte[][] requests = new byte[40][];
      requests[0] = TestRequests.fetch(0);
      for (int i = 1; i < requests.length; i++) {
        requests[i] = TestRequests.listGroups(i);
      }
      client.send(requests);
      RequestContext first = server.take();
      await().untilAsserted(() -> assertTrue(handled.get() >= 10));
      try (TestClient other = server.client()) { // so that all there was to read has been read
        other.send(TestRequests.listGroups(1));
        other.readCorrelationId();
      }

      assertTrue(handled.get() <= 12, handled.get() + " answers are held");
      first.respond(new FetchResponseData());
      for (int i = 0; i < requests.length; i++) {
        assertEquals(i, client.readCorrelationId());
      }
    }
  }

  @Test
  void looksAfterOthersBetweenTheManySmallRequestsOfOne() throws Exception {
    int count = 2000;
    AtomicInteger handled = new AtomicInteger();
    AtomicInteger handledAtNextTurn = new AtomicInteger(-1);
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.on(
        ApiKeys.LIST_GROUPS,
        (context, _) -> {
          if (handled.incrementAndGet() == 2) {
            context.loop().schedule(0, () -> handledAtNextTurn.set(handled.get()));
          }
          context.respondNothing();
        });
    server.start(TestServer.settings(true, new ServerSettings.RequestLimits(1, MIB, MIB, 30_000)));
    try (TestClient client = server.client()) {
      client.send(TestRequests.fetch(0));
      RequestContext holder = server.take();
      byte[][] requests = new byte[count][];
      for (int i = 0; i < count; i++) {
        requests[i] = TestRequests.listGroups(i);
      }
      client.send(requests);

      holder.respond(new FetchResponseData());

      await().untilAsserted(() -> assertEquals(count, handled.get()));
      assertTrue(handledAtNextTurn.get() <= 600, handledAtNextTurn + " handled in one turn");
    }
  }

  private static ListGroupsResponseData groups(int bytes) {
    String id = "g".repeat(bytes / 10);
    ListGroupsResponseData.ListedGroup group =
        new ListGroupsResponseData.ListedGroup().setGroupId(id).setProtocolType("consumer");
    return new ListGroupsResponseData()
        .setGroups(java.util.Collections.nCopies(10, group).stream().toList());
  }

  @Test
  void keepsTheOrderOfAnswersOfAClientThatSendsNoMore() throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.on(ApiKeys.PRODUCE, (context, _) -> context.respondNothing());
    server.start();
    try (TestClient client = server.client()) {
      client.send(TestRequests.fetch(1), TestRequests.produce(2, 10), TestRequests.listGroups(3));
      client.socket().shutdownOutput();
      server.take().respond(new FetchResponseData());

      assertEquals(List.of(1, 3), TestRequests.correlationIds(client, 2));
      assertTrue(client.isClosedByServer());
    }
  }
}
