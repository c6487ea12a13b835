package io.penstock.node.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.client.net.BrokerConnection;
import io.penstock.client.net.BrokerConnectionException;
import io.penstock.client.net.ClientTransport;
import io.penstock.client.net.ConnectionSettings;
import io.penstock.client.net.Endpoint;
import io.penstock.client.wire.WireRecords;
import io.penstock.replication.follower.FetchLane;
import io.penstock.replication.follower.FetchProblem;
import io.penstock.replication.follower.FetchedPartition;
import io.penstock.replication.follower.LeaderAnswer;
import io.penstock.replication.follower.LeaderEndpoint;
import io.penstock.replication.follower.PartitionFetch;
import io.penstock.replication.follower.ReplicaFetch;
import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.value.Address;
import io.penstock.storage.epoch.EpochEnd;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way to a leader over loopback, against a listener for peers whose fetches are scripted. */
@Timeout(60)
class RemoteLeaderTest {

  private static final UUID TOPIC = new UUID(7, 8);
  private static final ReplicaKey FIRST = new ReplicaKey(TOPIC, 0);
  private static final ReplicaKey SECOND = new ReplicaKey(TOPIC, 1);
  private static final int SESSION = 77;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<PeerCaller> lost = new CopyOnWriteArrayList<>();
  private volatile @Nullable Address address;
  private ScriptedLeader leader;
  private RemoteLeaders leaders;
  private LeaderEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    leader = opened(new ScriptedLeader("test", 2).serving());
    address = leader.address();
    leaders = follower("test", 1);
    endpoint = leaders.to(2, FetchLane.IN_SYNC);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T opened(T each) {
    open.add(each);
    return each;
  }

  private RemoteLeaders follower(String cluster, int nodeId) {
    return opened(
        new RemoteLeaders(
            () -> ScriptedLeader.introduction(cluster, nodeId),
            _ -> address,
            (peer, _) -> lost.add(peer),
            64 << 20,
            new MetricRegistry()));
  }

  @Test
  void aFetchSaysWhoAsksAndWhatForAndTheAnswerComesBackAsItIs() throws Exception {
    leader.answers(_ ->
        answer(
            SESSION,
            new PartitionData()
                .setPartitionIndex(0)
                .setHighWatermark(40)
                .setLogStartOffset(3)
                .setRecords(WireRecords.ofBytes(ByteBuffer.wrap(new byte[] {1, 2, 3}))),
            new PartitionData()
                .setPartitionIndex(1)
                .setHighWatermark(9)
                .setDivergingEpoch(new EpochEndOffset().setEpoch(4).setEndOffset(8))
                .setRecords(WireRecords.empty())));

    try (LeaderAnswer.Batches answer =
        batches(fetch(true, List.of(partition(FIRST, 12), partition(SECOND, 10)), List.of()))) {
      FetchedPartition first = answer.partitions().get(0);
      assertEquals(FIRST, first.key());
      assertEquals(FetchProblem.NONE, first.problem());
      assertEquals(40, first.highWatermark());
      assertEquals(3, first.logStartOffset());
      assertEquals(null, first.diverging());
      assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), first.records());
      assertTrue(first.records().isDirect());
      assertEquals(new EpochEnd(4, 8), answer.partitions().get(1).diverging());
    }

    FetchRequestData request = leader.lastRequest();
    assertEquals(1, request.replicaState().replicaId());
    assertEquals(5, request.replicaState().replicaEpoch());
    assertEquals(0, request.sessionId());
    assertEquals(0, request.sessionEpoch());
    assertEquals(100, request.maxWaitMs());
    assertEquals(1 << 20, request.maxBytes());
    FetchRequestData.FetchPartition asked = request.topics().get(0).partitions().get(0);
    assertEquals(12, asked.fetchOffset());
    assertEquals(6, asked.currentLeaderEpoch());
    assertEquals(5, asked.lastFetchedEpoch());
    assertEquals(2, asked.logStartOffset());
    assertEquals(1000, asked.partitionMaxBytes());
  }

  @Test
  void theSessionGoesOnFromFetchToFetch() throws Exception {
    leader.answers(_ -> answer(SESSION));
    batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();
    for (int epoch = 1; epoch < 4; epoch++) {
      batches(fetch(false, List.of(), List.of(SECOND))).close();
      assertEquals(SESSION, leader.lastRequest().sessionId());
      assertEquals(epoch, leader.lastRequest().sessionEpoch());
      assertEquals(List.of(1), leader.lastRequest().forgottenTopicsData().get(0).partitions());
    }

    batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();

    assertEquals(SESSION, leader.lastRequest().sessionId(), "so that the leader ends it");
    assertEquals(0, leader.lastRequest().sessionEpoch());
  }

  @Test
  void aLeaderThatHasForgottenTheSessionWantsAFreshOne() throws Exception {
    leader.answers(_ -> answer(SESSION));
    batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();
    for (Errors error :
        List.of(Errors.FETCH_SESSION_ID_NOT_FOUND, Errors.INVALID_FETCH_SESSION_EPOCH)) {
      leader.answers(_ -> new FetchResponseData().setErrorCode(error.code()));
      assertInstanceOf(LeaderAnswer.SessionLost.class, answer(fetch(false, List.of(), List.of())));

      leader.answers(_ -> answer(SESSION));
      batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();
      assertEquals(0, leader.lastRequest().sessionEpoch());
    }
  }

  @Test
  void aLeaderWithoutRoomForASessionIsAskedForAllEachTime() throws Exception {
    leader.answers(_ -> answer(0));
    batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();

    assertInstanceOf(LeaderAnswer.SessionLost.class, answer(fetch(false, List.of(), List.of())));
    assertEquals(1, leader.requests.size());
  }

  @Test
  void batchesOfManyMebibytesArriveWhole() throws Exception {
    byte[] bytes = new byte[24 << 20];
    new Random(3).nextBytes(bytes);
    leader.answers(_ ->
        answer(
            SESSION,
            new PartitionData()
                .setPartitionIndex(0)
                .setRecords(WireRecords.ofBytes(ByteBuffer.wrap(bytes)))));
    for (int round = 0; round < 3; round++) {
      try (LeaderAnswer.Batches answer =
          batches(fetch(true, List.of(partition(FIRST, 0)), List.of()))) {
        assertEquals(ByteBuffer.wrap(bytes), answer.partitions().get(0).records());
      }
    }
  }

  @Test
  void aLostConnectionIsToldAndMadeAgainByTheNextFetch() throws Exception {
    leader.answers(_ -> answer(SESSION));
    batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();

    leader.close();

    await().untilAsserted(() -> assertEquals(1, lost.size()));
    assertEquals(2, lost.get(0).nodeId());
    assertEquals(
        PeerException.Kind.REFUSED,
        failure(fetch(true, List.of(partition(FIRST, 0)), List.of())).kind());

    ScriptedLeader again = opened(new ScriptedLeader("test", 2).serving());
    again.answers(_ -> answer(SESSION));
    address = again.address();
    batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();
    assertEquals(1, again.requests.size());
  }

  @Test
  void whoIsNotThatLeaderIsRefused() throws Exception {
    ScriptedLeader other = opened(new ScriptedLeader("test", 3).serving());
    ScriptedLeader foreign = opened(new ScriptedLeader("elsewhere", 2).serving());
    for (ScriptedLeader each : List.of(other, foreign)) {
      address = each.address();
      assertEquals(
          PeerException.Kind.REJECTED,
          failure(fetch(true, List.of(partition(FIRST, 0)), List.of())).kind());
      assertEquals(0, each.requests.size());
    }
    address = null;
    assertEquals(
        PeerException.Kind.UNREACHABLE,
        failure(fetch(true, List.of(partition(FIRST, 0)), List.of())).kind());
  }

  @Test
  void aLeaderThatIsStillStartingIsBusy() throws Exception {
    ScriptedLeader starting = opened(new ScriptedLeader("test", 2));
    address = starting.address();

    assertEquals(
        PeerException.Kind.BUSY,
        failure(fetch(true, List.of(partition(FIRST, 0)), List.of())).kind());
  }

  @Test
  void whoHasNotIntroducedItselfIsCutOff() throws Exception {
    ClientTransport transport = opened(ClientTransport.owning("stranger", 1));
    BrokerConnection stranger =
        opened(
            BrokerConnection.open(
                    transport,
                    new Endpoint("127.0.0.1", leader.address().port()),
                    ConnectionSettings.defaults("stranger"))
                .get());

    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () -> stranger.send(ApiKeys.FETCH, _ -> new FetchRequestData()).get());

    BrokerConnectionException cause =
        assertInstanceOf(BrokerConnectionException.class, failure.getCause());
    assertEquals(BrokerConnectionException.Kind.CLOSED, cause.kind());
    assertEquals(0, leader.requests.size());
  }

  @Test
  void aClosedEndpointFailsWhatIsUnderWayAndAsksNoMore() throws Exception {
    leader.answers(_ -> answer(SESSION));
    batches(fetch(true, List.of(partition(FIRST, 0)), List.of())).close();

    endpoint.close();

    assertEquals(
        PeerException.Kind.CLOSED,
        failure(fetch(true, List.of(partition(FIRST, 0)), List.of())).kind());
    assertEquals(List.of(), lost);
  }

  @Test
  void theConnectionOutlivesWhoUsesItSoThatTheLeaderMissesNobody() throws Exception {
    leader.answers(_ -> answer(SESSION));
    leader.parks();
    CompletableFuture<LeaderAnswer> left =
        endpoint.fetch(fetch(true, List.of(partition(FIRST, 0)), List.of())).toCompletableFuture();
    await().untilAsserted(() -> assertEquals(1, leader.requests.size()));

    endpoint.close();
    assertThrows(ExecutionException.class, left::get);
    endpoint = leaders.to(2, FetchLane.IN_SYNC);
    CompletableFuture<LeaderAnswer> next =
        endpoint.fetch(fetch(true, List.of(partition(FIRST, 0)), List.of())).toCompletableFuture();
    await().untilAsserted(() -> assertEquals(2, leader.requests.size()));
    endpoint.hurry();

    assertInstanceOf(LeaderAnswer.Batches.class, next.get()).close();
    assertEquals(List.of(), leader.lost);
  }

  @Test
  void aHurriedLeaderAnswersAFetchThatItHasParked() throws Exception {
    leader.answers(_ -> answer(SESSION));
    leader.parks();
    CompletableFuture<LeaderAnswer> parked =
        endpoint.fetch(fetch(true, List.of(partition(FIRST, 0)), List.of())).toCompletableFuture();
    await().untilAsserted(() -> assertEquals(1, leader.requests.size()));
    assertFalse(parked.isDone());

    endpoint.hurry();

    assertInstanceOf(LeaderAnswer.Batches.class, parked.get()).close();
  }

  @Test
  void everyErrorOfAPartitionMeansSomethingToAFollower() {
    assertEquals(FetchProblem.NOT_LEADER, FetchMessages.problem(Errors.NOT_LEADER_OR_FOLLOWER));
    assertEquals(
        FetchProblem.OFFSET_OUT_OF_RANGE, FetchMessages.problem(Errors.OFFSET_OUT_OF_RANGE));
    assertEquals(FetchProblem.UNKNOWN_PARTITION, FetchMessages.problem(Errors.UNKNOWN_TOPIC_ID));
    assertEquals(FetchProblem.STORAGE_FAILED, FetchMessages.problem(Errors.KAFKA_STORAGE_ERROR));
    assertEquals(FetchProblem.OTHER, FetchMessages.problem(Errors.UNKNOWN_SERVER_ERROR));
  }

  private static PartitionFetch partition(ReplicaKey key, long offset) {
    return new PartitionFetch(key, 6, offset, 5, 2, 1000);
  }

  private static ReplicaFetch fetch(
      boolean fresh, List<PartitionFetch> changed, List<ReplicaKey> forgotten) {
    return new ReplicaFetch(5, fresh, 100, 1, 1 << 20, changed, forgotten);
  }

  private LeaderAnswer answer(ReplicaFetch fetch) throws Exception {
    return endpoint.fetch(fetch).toCompletableFuture().get();
  }

  private LeaderAnswer.Batches batches(ReplicaFetch fetch) throws Exception {
    return assertInstanceOf(LeaderAnswer.Batches.class, answer(fetch));
  }

  private PeerException failure(ReplicaFetch fetch) {
    ExecutionException failure = assertThrows(ExecutionException.class, () -> answer(fetch));
    return assertInstanceOf(PeerException.class, failure.getCause());
  }

  private static FetchResponseData answer(int session, PartitionData... partitions) {
    FetchableTopicResponse topic =
        new FetchableTopicResponse()
            .setTopicId(new Uuid(TOPIC.getMostSignificantBits(), TOPIC.getLeastSignificantBits()))
            .setPartitions(List.of(partitions));
    FetchResponseData response = new FetchResponseData().setSessionId(session);
    if (partitions.length > 0) {
      response.responses().add(topic);
    }
    return response;
  }
}
