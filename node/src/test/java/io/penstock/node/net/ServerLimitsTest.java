package io.penstock.node.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.net.region.TestFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one peer can make the server hold, do or wait for; real sockets on loopback. */
@Timeout(60)
final class ServerLimitsTest {

  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private final TestServer server = new TestServer();
  private final AtomicInteger produced = new AtomicInteger();

  @AfterEach
  void everythingIsGivenBack() {
    server.close();
  }

  @Test
  void stopsReadingWhileTooManyRequestsAreInFlight() throws Exception {
    server.on(ApiKeys.FETCH, (context, _) -> server.parked.add(context));
    server.start(TestServer.settings(true, new ServerSettings.RequestLimits(3, MIB, MIB, 30_000)));
    try (TestClient client = server.client()) {
      byte[][] requests = new byte[10][];
      for (int i = 0; i < requests.length; i++) {
        requests[i] = TestRequests.fetch(i);
      }
      client.send(requests);
      await().untilAsserted(() -> assertEquals(3, server.parked.size()));
      for (int i = 0; i < requests.length; i++) {
        assertTrue(server.parked.size() <= 3);
        server.take().respond(new FetchResponseData());

        assertEquals(i, client.readCorrelationId());
      }
    }
  }

  @Test
  void takesUpNoMoreRequestsWhileTheClientDoesNotReadItsResponses() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    int count = 40;
    try (TestFile file = new TestFile(directory.resolve("segment"))) {
      file.write(new byte[8 * MIB], 0);
      server.on(
          ApiKeys.FETCH,
          (context, _) -> {
            handled.incrementAndGet();
            context.respond(TestRequests.fetchResponse(file, 0, 8 * MIB));
          });
      server.start(
          TestServer.settings(true, new ServerSettings.RequestLimits(1000, 16 * MIB, MIB, 30_000)));
      try (TestClient client = server.client()) {
        for (int i = 0; i < count; i++) {
          client.send(TestRequests.fetch(i));
        }
        await().untilAsserted(() -> assertTrue(handled.get() >= 2));
        for (int i = 0; i < count; i++) {
          assertTrue(handled.get() <= i + 6, handled.get() + " handled at " + i);
          assertEquals(i, client.readCorrelationId());
        }
      }
      await().untilAsserted(() -> assertEquals(count, file.rangesReleased()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5000, 300_000, 1_000_000, 9_000_000})
  void receivesProduceRequestsOfAllSizesIntact(int size) throws Exception {
    BlockingQueue<Integer> hashes = new LinkedBlockingQueue<>();
    server.on(
        ApiKeys.PRODUCE,
        (context, request) -> {
          hashes.add(TestRequests.recordsOf((ProduceRequestData) request).hashCode());
          context.respond(new ProduceResponseData());
        });
    server.start();
    byte[] records = new byte[size];
    new Random(size).nextBytes(records);
    try (TestClient client = server.client()) {
      for (int i = 0; i < 5; i++) {
        client.send(TestRequests.produce(i, records), TestRequests.produce(i, records));

        assertEquals(List.of(i, i), TestRequests.correlationIds(client, 2));
      }
    }
    for (int i = 0; i < 10; i++) {
      assertEquals(ByteBuffer.wrap(records).hashCode(), hashes.take());
    }
  }

  @Test
  void staysFlatAndServesOthersWhileSixtyConnectionsAnnounceGiants() throws Exception {
    server.on(
        ApiKeys.PRODUCE,
        (context, request) -> {
          produced.addAndGet(TestRequests.recordsOf((ProduceRequestData) request).remaining());
          context.respond(new ProduceResponseData());
        });
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.start();
    List<TestClient> announcers = new ArrayList<>();
    try (TestClient healthy = server.client()) {
      for (int i = 0; i < 60; i++) {
        TestClient announcer = server.client();
        announcers.add(announcer);
        announcer.send(TestRequests.listGroups(1));
        assertEquals(1, announcer.readCorrelationId());
        announcer.send(TestRequests.announcement(100 * MIB));
      }
      await().untilAsserted(() -> assertTrue(server.budget.usedBytes() > 0));
      for (int i = 0; i < 50; i++) {
        healthy.send(TestRequests.produce(i, 2 * MIB), TestRequests.produce(i, 100));
        assertEquals(List.of(i, i), TestRequests.correlationIds(healthy, 2));
      }
      assertEquals(50 * (2 * MIB + 100), produced.get());
      assertTrue(server.budget.usedBytes() < 4 * MIB, "used=" + server.budget.usedBytes());
      assertEquals(0, server.budget.waitingClaims());
    } finally {
      for (TestClient announcer : announcers) {
        announcer.close();
      }
    }
    await().untilAsserted(() -> assertEquals(0, server.budget.usedBytes()));
  }

  @Test
  void closesAConnectionWhoseFrameStandsStill() throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    server.on(ApiKeys.PRODUCE, (context, _) -> context.respond(new ProduceResponseData()));
    server.start(TestServer.settings(true, new ServerSettings.RequestLimits(64, MIB, MIB, 100)));
    try (TestClient stalled = server.client();
        TestClient idle = server.client()) {
      stalled.send(TestRequests.announcement(MIB));

      assertTrue(stalled.isClosedByServer());

      idle.send(TestRequests.listGroups(3));
      assertEquals(3, idle.readCorrelationId());
    }
    assertEquals(1, server.registry.meter("penstock.connections.closed.stalled").getCount());
  }

  /** One that goes on and on holds memory as well as one that stands still. */
  @Test
  void closesAConnectionWhoseFrameCreepsWhileOthersWaitForMemory() throws Exception {
    server.on(ApiKeys.PRODUCE, (context, _) -> context.respond(new ProduceResponseData()));
    server.start(TestServer.settings(true, new ServerSettings.RequestLimits(64, MIB, MIB, 500)));
    byte[] begun = Arrays.copyOf(TestRequests.produce(1, 80 * MIB), 40 * MIB);
    byte[] piece = new byte[20_000];
    List<TestClient> creepers = new ArrayList<>();
    try (ScheduledExecutorService creeping = Executors.newScheduledThreadPool(4)) {
      try {
        for (int i = 0; i < 3; i++) { // more than there is, with the one that may go over
          TestClient creeper = server.client();
          creepers.add(creeper);
          creeping.execute(() -> {
            sendOrLeave(creeper, begun);
            ScheduledFuture<?> _ =
                creeping.scheduleAtFixedRate(
                    () -> sendOrLeave(creeper, piece), 0, 20, MILLISECONDS);
          });
        }

        await()
            .untilAsserted(() ->
                assertTrue(
                    server.registry.meter("penstock.connections.closed.stalled").getCount() >= 1));
      } finally {
        creeping.shutdownNow();
        for (TestClient creeper : creepers) {
          creeper.close();
        }
      }
    }
  }

  private static void sendOrLeave(TestClient client, byte[] piece) {
    try {
      client.send(piece);
    } catch (IOException closed) {
      throw new UncheckedIOException(closed); // and is not called again
    }
  }

  @Test
  void closesIdleConnections() throws Exception {
    ServerSettings plain = TestServer.settings(true, ServerSettings.RequestLimits.defaults());
    server.start(
        new ServerSettings(
            ListenerKind.CLIENTS,
            plain.listener(),
            plain.address(),
            1,
            true,
            plain.frames(),
            plain.requests(),
            new ServerSettings.ConnectionLimits(10, 10, 100)));
    try (TestClient client = server.client()) {
      assertTrue(client.isClosedByServer());
    }
    assertEquals(1, server.registry.meter("penstock.connections.closed.idle").getCount());
  }

  @Test
  void refusesConnectionsOverTheLimitAndAcceptsAgainWhenSomeoneLeft() throws Exception {
    server.on(ApiKeys.LIST_GROUPS, (context, _) -> context.respond(new ListGroupsResponseData()));
    ServerSettings plain = TestServer.settings(true, ServerSettings.RequestLimits.defaults());
    server.start(
        new ServerSettings(
            ListenerKind.CLIENTS,
            plain.listener(),
            plain.address(),
            2,
            true,
            plain.frames(),
            plain.requests(),
            new ServerSettings.ConnectionLimits(100, 2, 60_000)));
    TestClient first = server.client();
    first.send(TestRequests.listGroups(1));
    first.readCorrelationId();
    try (TestClient second = server.client();
        TestClient third = server.client()) {
      second.send(TestRequests.listGroups(1));
      second.readCorrelationId();
      assertTrue(third.isClosedByServer());
      first.close();
      await().untilAsserted(() -> assertEquals(5, answeredOnNewConnection(5)));
    }
    assertTrue(server.registry.meter("penstock.connections.refused").getCount() >= 1);
  }

  private int answeredOnNewConnection(int correlationId) throws IOException {
    try (TestClient client = server.client()) {
      client.send(TestRequests.listGroups(correlationId));
      return client.readCorrelationId();
    } catch (java.io.EOFException | java.net.SocketException refused) {
      return -1;
    }
  }
}
