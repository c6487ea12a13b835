package io.penstock.node.peer;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.net.BrokerConnection;
import io.penstock.client.net.BrokerConnectionException;
import io.penstock.client.net.ClientTransport;
import io.penstock.client.net.ConnectionSettings;
import io.penstock.client.net.Endpoint;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.net.KafkaServer;
import io.penstock.node.net.ServerSettings;
import io.penstock.node.net.receive.MemoryBudget;
import io.penstock.replication.peer.IntroductionCodec;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes on loopback that talk over sockets. */
@Timeout(60)
class PeerNetworkTest {

  private static final int LESS_THAN_A_HELLO_MAY_TAKE_MS = 4_000;
  private static final int LESS_THAN_OTHERS_TRY_MS = 2_500;
  private static final int DROPPED_MS = 300;
  private static final int QUEUED_MAX = 20;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void aRequestReachesItsHandlerWithTheCallerAndTheAnswerComesBack() throws Exception {
    List<PeerCaller> callers = new CopyOnWriteArrayList<>();
    TestPeer asked =
        peer(2)
            .answers(
                PeerApi.PROBE,
                (caller, body) -> {
                  callers.add(caller);
                  return CompletableFuture.completedFuture(new byte[] {body[0], 7});
                })
            .start();
    TestPeer asking = peer(1);

    assertArrayEquals(new byte[] {5, 7}, asking.ask(asked, PeerApi.PROBE, (byte) 5).get());
    assertEquals(List.of(asking.self().caller()), callers);
  }

  @Test
  void whoIsThereIsAnsweredByTheConnectionItself() throws Exception {
    TestPeer asked = peer(2).start();
    TestPeer asking = peer(1);

    byte[] answer = asking.ask(asked, PeerApi.HELLO, IntroductionCodec.encode(asking.self())).get();

    assertEquals(asked.self(), IntroductionCodec.decode(answer));
  }

  @Test
  void bodiesOfEverySizeUpToTheBoundArePassedOn() throws Exception {
    TestPeer asked =
        peer(2).answers(PeerApi.RAFT, (_, body) -> CompletableFuture.completedFuture(body)).start();
    TestPeer asking = peer(1);
    Random random = new Random(1);
    for (int size : new int[] {0, 1, 100, 70_000, 1_100_000, PeerNetwork.BODY_BYTES_MAX}) {
      byte[] body = new byte[size];
      random.nextBytes(body);

      assertArrayEquals(body, asking.ask(asked, PeerApi.RAFT, body).get(), "size " + size);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> asking.ask(asked, PeerApi.RAFT, new byte[PeerNetwork.BODY_BYTES_MAX + 1]));
  }

  @Test
  void whatAHandlerDoesWrongIsToldInItsWords() throws Exception {
    TestPeer asked =
        peer(2)
            .answers(
                PeerApi.PROPOSE,
                (_, _) -> {
                  throw new IllegalStateException("a bug");
                })
            .answers(
                PeerApi.STATUS,
                (_, _) -> CompletableFuture.failedFuture(new PeerException(Kind.BUSY, "later")))
            .answers(
                PeerApi.SNAPSHOT,
                (_, _) ->
                    CompletableFuture.completedFuture(new byte[PeerNetwork.BODY_BYTES_MAX + 1]))
            .start();
    TestPeer asking = peer(1);

    PeerException bug = failure(asking.ask(asked, PeerApi.PROPOSE));
    assertEquals(Kind.FAILED, bug.kind());
    assertTrue(String.valueOf(bug.getMessage()).contains("a bug"), bug.getMessage());
    assertEquals(Kind.BUSY, failure(asking.ask(asked, PeerApi.STATUS)).kind());
    assertEquals(Kind.FAILED, failure(asking.ask(asked, PeerApi.SNAPSHOT)).kind());
    assertEquals(Kind.BUSY, failure(asking.ask(asked, PeerApi.VOTERS)).kind(), "no handler yet");
    assertEquals(2, asked.metrics.meter("penstock.peer.failures").getCount());
  }

  @Test
  void aClosedPortIsRefusedAtOnceAndAnOpenedOneTakenAtOnce() throws Exception {
    int port = freePort();
    Address address = new Address("127.0.0.1", port);
    TestPeer asking = peer(1);
    for (int round = 0; round < 3; round++) {
      assertEquals(Kind.REFUSED, failure(asking.ask(address, PeerApi.PROBE)).kind());
    }
    TestPeer asked = new TestPeer("test", 2, port);
    open.add(asked);
    asked.answers(PeerApi.PROBE, (_, body) -> CompletableFuture.completedFuture(body)).start();

    assertEquals(0, asking.ask(address, PeerApi.PROBE).get().length);

    asked.close();
    await()
        .untilAsserted(
            () -> assertEquals(Kind.REFUSED, failure(asking.ask(address, PeerApi.PROBE)).kind()));
  }

  @Test
  void aNameThatNobodyKnowsIsUnreachableNotRefused() throws Exception {
    TestPeer asking = peer(1);

    PeerException failure =
        failure(asking.ask(new Address("no-such-host.invalid", 1), PeerApi.PROBE));

    assertEquals(Kind.UNREACHABLE, failure.kind());
  }

  @Test
  void noAnswerInTimeIsATimeoutAndNoLoss() throws Exception {
    TestPeer asked = peer(2).answers(PeerApi.PROBE, (_, _) -> new CompletableFuture<>()).start();
    TestPeer asking = peer(1);

    CompletableFuture<byte[]> answer =
        asking
            .connections
            .ask(asked.address(), PeerApi.PROBE, new byte[0], 50)
            .toCompletableFuture();

    assertEquals(Kind.TIMEOUT, failure(answer).kind());
    assertEquals(List.of(), asking.lost);
  }

  /** As a stopped process is: the kernel takes connections, nobody reads them. */
  @Test
  void aPeerThatTakesConnectionsAndSaysNothingIsATimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      TestPeer asking = peer(1);
      Address address = new Address("127.0.0.1", silent.getLocalPort());
      for (int round = 0; round < 2; round++) {
        CompletableFuture<byte[]> answer =
            asking.connections.ask(address, PeerApi.PROBE, new byte[0], 50).toCompletableFuture();

        assertEquals(Kind.TIMEOUT, failure(answer).kind());
      }
    }
  }

  /** A host that drops packets, as one does whose queue of connections is full. */
  @Test
  void anAttemptToConnectIsGivenUpSoonerThanAProbeMayJoinItAgainAndAgain() throws Exception {
    TestPeer asking = peer(1);
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress there =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort());
      boolean isFull = false;
      for (int i = 0; i < QUEUED_MAX && !isFull; i++) {
        Socket queued = new Socket();
        open.add(queued);
        try {
          queued.connect(there, DROPPED_MS);
        } catch (SocketTimeoutException dropped) {
          isFull = true;
        }
      }
      assertTrue(isFull);
      Address address = new Address("127.0.0.1", full.getLocalPort());

      CompletableFuture<byte[]> asked =
          asking
              .connections
              .ask(address, PeerApi.PROBE, new byte[0], LESS_THAN_OTHERS_TRY_MS)
              .toCompletableFuture();

      assertEquals(Kind.UNREACHABLE, failure(asked).kind());
    }
  }

  /** A process that is short of CPU: each step of the introduction takes its time. */
  @Test
  void whatTakesLongerThanAProbeIsThereForTheNext() throws Exception {
    TestPeer asked = peer(2);
    asked.answers(PeerApi.PROBE, (_, b) -> CompletableFuture.completedFuture(b)).start();
    TestPeer asking = peer(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (ClientTransport transport = ClientTransport.owning("test", 1)) {
      PeerOpener slow =
          new PeerOpener(
              transport,
              () -> {
                if (Thread.currentThread().getName().contains("test-")) {
                  await().until(() -> goOn.getCount() == 0);
                }
                return asking.self();
              },
              (_, _) -> {},
              1 << 20,
              asking.metrics);
      PeerLine line = PeerLine.ofOneAtATime(asked.address(), slow);
      CompletableFuture<byte[]> first = line.ask(PeerApi.PROBE, new byte[0], 50);
      assertThrows(ExecutionException.class, first::get);
      goOn.countDown();

      byte[] answer = line.ask(PeerApi.PROBE, new byte[1], LESS_THAN_A_HELLO_MAY_TAKE_MS).get();

      assertEquals(1, answer.length);
      assertEquals(1, asked.metrics.counter("penstock.peer.connections.open").getCount());
      line.close();
    }
  }

  @Test
  void longPollsHoldUpNeitherEachOtherNorAnythingElse() throws Exception {
    List<CompletableFuture<byte[]>> parked = new CopyOnWriteArrayList<>();
    TestPeer asked =
        peer(2)
            .answers(
                PeerApi.POLL,
                (_, _) -> {
                  CompletableFuture<byte[]> later = new CompletableFuture<>();
                  parked.add(later);
                  return later;
                })
            .start();
    for (PeerApi api : List.of(PeerApi.RAFT, PeerApi.HEARTBEAT, PeerApi.PROPOSE, PeerApi.STATUS)) {
      asked.answers(api, (_, body) -> CompletableFuture.completedFuture(body));
    }
    TestPeer asking = peer(1);
    CompletableFuture<byte[]> first = asking.ask(asked, PeerApi.POLL);
    await().until(() -> parked.size() == 1);
    CompletableFuture<byte[]> second = asking.ask(asked, PeerApi.POLL);
    await().until(() -> parked.size() == 2);

    for (PeerApi api : List.of(PeerApi.RAFT, PeerApi.HEARTBEAT, PeerApi.PROPOSE, PeerApi.STATUS)) {
      assertEquals(1, asking.ask(asked, api, (byte) 1).get().length);
    }
    parked.get(1).complete(new byte[2]);
    assertEquals(2, second.get().length);
    assertFalse(first.isDone());
    parked.get(0).complete(new byte[1]);
    assertEquals(1, first.get().length);
  }

  @Test
  void tooManyParkedRequestsAreRefusedAtOnce() throws Exception {
    TestPeer asked = peer(2).answers(PeerApi.POLL, (_, _) -> new CompletableFuture<>()).start();
    TestPeer asking = peer(1);
    for (int i = 0; i < 32; i++) {
      var _ = asking.ask(asked, PeerApi.POLL);
    }

    assertEquals(Kind.BUSY, failure(asking.ask(asked, PeerApi.POLL)).kind());
  }

  @Test
  void nodesOfAnotherNameOrClusterAreRejectedInTheSameWordsOnBothSides() throws Exception {
    TestPeer asked = peer(2).start();
    TestPeer asking = new TestPeer("other", 1);
    open.add(asking);

    PeerException name = failure(asking.ask(asked, PeerApi.PROBE));
    assertEquals(Kind.REJECTED, name.kind());
    assertTrue(String.valueOf(name.getMessage()).contains("`cluster.name`"), name.getMessage());

    asked.ofCluster(UUID.randomUUID());
    TestPeer stranger = peer(3).ofCluster(UUID.randomUUID());
    PeerException cluster = failure(stranger.ask(asked, PeerApi.PROBE));
    assertEquals(Kind.REJECTED, cluster.kind());
    assertTrue(String.valueOf(cluster.getMessage()).contains("two clusters"), cluster.getMessage());
    assertEquals(2, asked.metrics.meter("penstock.peer.rejected").getCount());
    assertEquals(1, stranger.metrics.meter("penstock.peer.rejected").getCount());
    assertEquals(List.of(), asked.lost);
  }

  @Test
  void aNodeIdInUseIsRejectedByItsOwnerAndByWhoKnowsTheOwner() throws Exception {
    TestPeer asked =
        peer(2).answers(PeerApi.PROBE, (_, b) -> CompletableFuture.completedFuture(b)).start();
    PeerException own = failure(peer(2).ask(asked, PeerApi.PROBE));
    assertEquals(Kind.REJECTED, own.kind());
    assertTrue(String.valueOf(own.getMessage()).contains("node id 2 is used by two"), "" + own);

    TestPeer first = peer(1);
    assertEquals(0, first.ask(asked, PeerApi.PROBE).get().length);
    TestPeer second = peer(1);
    PeerException other = failure(second.ask(asked, PeerApi.PROBE));
    assertEquals(Kind.REJECTED, other.kind());
    assertTrue(String.valueOf(other.getMessage()).contains("node id 1 is used by two"), "" + other);

    first.close();
    await().untilAsserted(() -> assertEquals(0, second.ask(asked, PeerApi.PROBE).get().length));
  }

  @Test
  void bothSidesAreToldOfALostConnectionUnlessTheyEndedIt() throws Exception {
    TestPeer asked =
        peer(2).answers(PeerApi.PROBE, (_, b) -> CompletableFuture.completedFuture(b)).start();
    TestPeer leaving = peer(1);
    TestPeer staying = peer(3);
    leaving.ask(asked, PeerApi.PROBE).get();
    staying.ask(asked, PeerApi.PROBE).get();

    leaving.close();
    await().untilAsserted(() -> assertEquals(List.of(leaving.self().caller()), asked.lost));

    asked.close();
    await().untilAsserted(() -> assertEquals(List.of(asked.self().caller()), staying.lost));
    assertEquals(List.of(), leaving.lost);
    assertEquals(List.of(leaving.self().caller()), asked.lost);
  }

  @Test
  void aRequestUnderWayWhenThePeerGoesIsLost() throws Exception {
    List<PeerCaller> seen = new CopyOnWriteArrayList<>();
    TestPeer asked =
        peer(2)
            .answers(
                PeerApi.POLL,
                (caller, _) -> {
                  seen.add(caller);
                  return new CompletableFuture<>();
                })
            .start();
    TestPeer asking = peer(1);
    CompletableFuture<byte[]> answer = asking.ask(asked, PeerApi.POLL);
    await().until(() -> seen.size() == 1);

    asked.close();

    assertEquals(Kind.LOST, failure(answer).kind());
  }

  @Test
  void afterItsEndEverythingFailsAsClosed() throws Exception {
    TestPeer asked = peer(2).answers(PeerApi.POLL, (_, _) -> new CompletableFuture<>()).start();
    TestPeer asking = peer(1);
    CompletableFuture<byte[]> before = asking.ask(asked, PeerApi.POLL);

    asking.close();

    assertEquals(Kind.CLOSED, failure(before).kind());
    assertEquals(Kind.CLOSED, failure(asking.ask(asked, PeerApi.POLL)).kind());
  }

  @Test
  void aListenerForClientsIsNoPeer() throws Exception {
    TestPeer asking = peer(1);
    KafkaServer clients =
        new KafkaServer(
            ServerSettings.defaults(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            new ApiHandlers(List.of(new PeerVersionsHandler(List.of()))),
            new MemoryBudget(1 << 20),
            asking.metrics);
    open.add(clients);
    clients.start();
    Address address = new Address("127.0.0.1", clients.address().getPort());

    assertEquals(Kind.REJECTED, failure(asking.ask(address, PeerApi.PROBE)).kind());
    assertEquals(0, asking.metrics.counter("penstock.peer.connections.open").getCount());
    assertTrue(asking.metrics.getCounters().containsKey("penstock.connections.open"));
  }

  @Test
  void whoDoesNotIntroduceItselfFirstIsCutOff() throws Exception {
    TestPeer asked =
        peer(2).answers(PeerApi.PROBE, (_, b) -> CompletableFuture.completedFuture(b)).start();
    try (ClientTransport transport = ClientTransport.owning("test", 1)) {
      BrokerConnection rude = connect(transport, asked);

      ExecutionException cut =
          assertThrows(
              ExecutionException.class,
              () -> PeerConnection.ask(rude, PeerApi.PROBE, new byte[0], 20_000).get());

      assertEquals(
          BrokerConnectionException.Kind.CLOSED,
          assertInstanceOf(BrokerConnectionException.class, cut.getCause()).kind());
      assertEquals(1, asked.metrics.meter("penstock.peer.request.malformed.by-handler").getCount());
    }
  }

  @Test
  void anIntroductionThatCannotBeReadIsRejected() throws Exception {
    TestPeer asked = peer(2).start();
    try (ClientTransport transport = ClientTransport.owning("test", 1)) {
      BrokerConnection garbling = connect(transport, asked);
      byte[] garbage = "hello".getBytes(StandardCharsets.UTF_8);

      PeerException refused = failure(PeerConnection.ask(garbling, PeerApi.HELLO, garbage, 20_000));

      assertEquals(Kind.REJECTED, refused.kind());
    }
  }

  private TestPeer peer(int nodeId) {
    TestPeer peer = new TestPeer("test", nodeId);
    open.add(peer);
    return peer;
  }

  private static BrokerConnection connect(ClientTransport transport, TestPeer to) throws Exception {
    return BrokerConnection.open(
            transport,
            new Endpoint("127.0.0.1", to.address().port()),
            ConnectionSettings.defaults("test"))
        .get();
  }

  private static PeerException failure(CompletableFuture<byte[]> answer) {
    ExecutionException failure = assertThrows(ExecutionException.class, answer::get);
    return assertInstanceOf(PeerException.class, failure.getCause());
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }
}
