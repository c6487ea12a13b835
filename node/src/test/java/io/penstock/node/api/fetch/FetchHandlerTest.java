package io.penstock.node.api.fetch;

import static io.penstock.node.api.fetch.FetchRequests.fetch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kafka's rules for fetch without sessions. */
@Timeout(60)
final class FetchHandlerTest extends FetchFixture {

  @Test
  void everyVersionIsAnsweredWithASliceOfTheLog() {
    node.append("pipe", 0, 3);
    for (int version = handler.lowestVersion(); version <= handler.highestVersion(); version++) {
      PartitionData data = fetchOnce(version, fetch().from("pipe", 0, 0));

      assertEquals(Errors.NONE, error(data));
      assertEquals(batchBytes(3), size(data));
      assertEquals(3, data.highWatermark());
      assertEquals(3, data.lastStableOffset());
      assertEquals(0, data.logStartOffset());
      assertEquals(-1, data.preferredReadReplica());
      assertNull(data.abortedTransactions());
    }
  }

  @Test
  void readCommittedSeesEverythingCommittedAndNoAbortedTransaction() {
    node.append("pipe", 0, 3);

    PartitionData data = fetchOnce(BY_ID, fetch().readCommitted().from("pipe", 0, 0));

    assertEquals(batchBytes(3), size(data));
    assertEquals(3, data.lastStableOffset());
    assertEquals(List.of(), data.abortedTransactions());
  }

  @Test
  void responseNamesTopicsAsTheRequestDid() {
    node.append("pipe", 0, 1);

    FetchableTopicResponse byId =
        response(handle(BY_ID, fetch().from("pipe", 0, 0))).responses().getFirst();
    FetchableTopicResponse byName =
        response(handle(BY_NAME, fetch().from("pipe", 0, 0))).responses().getFirst();

    assertEquals(DataNode.kafkaIdOf("pipe"), byId.topicId());
    assertEquals("pipe", byName.topic());
  }

  @Test
  void slicesAreReleasedWithTheResponse() {
    node.append("pipe", 0, 1);
    RecordedContext context = handle(BY_ID, fetch().from("pipe", 0, 0));
    assertTrue(node.hasSlicesOut("pipe", 0));

    WireRecords.release(context.response(FetchResponseData.class));

    assertFalse(node.hasSlicesOut("pipe", 0));
  }

  @Test
  void errorsAreAnsweredAtOnceForTheirPartitionOnly() throws Exception {
    node.createTopicElsewhere("far");
    node.append("pipe", 0, 2);

    RecordedContext context =
        handle(
            BY_ID,
            fetch()
                .waiting(500, 1_000_000)
                .from("pipe", 0, 0)
                .from("pipe", 1, 7)
                .from("pipe", 9, 0)
                .from("nowhere", 0, 0)
                .from("far", 0, 0)
                .from("pipe", 0, 0, 5, 100));

    List<PartitionData> data = partitions(context);
    assertEquals(Errors.NONE, error(data.get(0)));
    assertEquals(batchBytes(2), size(data.get(0)));
    assertEquals(Errors.OFFSET_OUT_OF_RANGE, error(data.get(1)));
    assertEquals(-1, data.get(1).highWatermark());
    assertEquals(0, size(data.get(1)));
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, error(data.get(2)));
    assertEquals(Errors.UNKNOWN_TOPIC_ID, error(data.get(3)));
    assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, error(data.get(4)));
    assertEquals(2, data.get(4).currentLeader().leaderId());
    assertNotNull(response(context).nodeEndpoints().find(2));
    assertEquals(Errors.UNKNOWN_LEADER_EPOCH, error(data.get(5)));
    assertEquals(
        Errors.UNKNOWN_TOPIC_OR_PARTITION,
        error(fetchOnce(BY_NAME, fetch().from("nowhere", 0, 0))));
  }

  @Test
  void readerOfAnOldEpochIsFenced() throws Exception {
    node.createReplicatedTopic("safe", 1);
    int epoch = node.replica("safe", 0).leaderEpoch();
    assertEquals(Errors.NONE, error(fetchOnce(BY_ID, fetch().from("safe", 0, 0, epoch, 100))));

    node.fenceSelf();
    node.awaitApplied(DataNode.idOf("safe"));

    PartitionData data = fetchOnce(BY_ID, fetch().from("safe", 0, 0, epoch, 100));
    assertEquals(Errors.FENCED_LEADER_EPOCH, error(data));
    assertEquals(2, data.currentLeader().leaderId());
  }

  @Test
  void partitionLimitIsKeptButForOneBatch() {
    node.append("pipe", 0, 10);
    node.append("pipe", 0, 10);
    int batch = batchBytes(10);

    assertEquals(batch, size(fetchOnce(BY_ID, fetch().from("pipe", 0, 0, -1, 1))));
    assertEquals(batch + 5, size(fetchOnce(BY_ID, fetch().from("pipe", 0, 0, -1, batch + 5))));
    assertEquals(2 * batch, size(fetchOnce(BY_ID, fetch().from("pipe", 0, 0, -1, 3 * batch))));
  }

  @Test
  void responseLimitIsKeptInTheOrderOfTheRequest() {
    node.append("pipe", 0, 10);
    node.append("pipe", 1, 10);
    node.append("pipe", 2, 10);
    int batch = batchBytes(10);

    List<PartitionData> data =
        partitions(
            handle(
                BY_ID,
                fetch()
                    .maxBytes(2 * batch)
                    .from("pipe", 2, 0)
                    .from("pipe", 0, 0)
                    .from("pipe", 1, 0)));

    assertEquals(batch, size(data.get(0)));
    assertEquals(batch, size(data.get(1)));
    assertEquals(0, size(data.get(2)));
    assertEquals(10, data.get(2).highWatermark());
  }

  @Test
  void oneBatchIsGivenHoweverSmallTheLimit() {
    node.append("pipe", 0, 10);
    node.append("pipe", 1, 10);

    List<PartitionData> data =
        partitions(handle(BY_ID, fetch().maxBytes(1).from("pipe", 0, 0).from("pipe", 1, 0)));

    assertEquals(batchBytes(10), size(data.get(0)));
    assertEquals(0, size(data.get(1)));
  }

  @Test
  void fetchWaitsForTheFirstAppend() {
    RecordedContext context =
        handle(BY_ID, fetch().waiting(500, 1).from("pipe", 0, 0).from("pipe", 1, 0));
    assertFalse(context.isEnded());
    assertEquals(1, node.metrics.counter("penstock.fetch.parked").getCount());

    node.append("pipe", 1, 2);

    assertEquals(0, size(partitions(context).get(0)));
    assertEquals(batchBytes(2), size(partitions(context).get(1)));
    assertEquals(0, node.metrics.counter("penstock.fetch.parked").getCount());
    assertEquals(0, node.loop.timers());
  }

  @Test
  void fetchWaitsForMinBytesOverAllPartitions() {
    int batch = batchBytes(10);
    node.append("pipe", 0, 10);

    RecordedContext context =
        handle(BY_ID, fetch().waiting(500, 3 * batch).from("pipe", 0, 0).from("pipe", 1, 0));
    assertFalse(node.hasSlicesOut("pipe", 0), "a parked fetch holds no file");
    node.append("pipe", 1, 10);
    assertFalse(context.isEnded());
    node.append("pipe", 0, 10);

    assertEquals(2 * batch, size(partitions(context).get(0)));
    assertEquals(batch, size(partitions(context).get(1)));
  }

  @Test
  void hintThatPromisedTooMuchParksTheFetchAgain() {
    int batch = batchBytes(10);
    RecordedContext context =
        handle(BY_ID, fetch().waiting(500, 2 * batch).from("pipe", 0, 0, -1, batch));

    node.append("pipe", 0, 10);
    node.append("pipe", 0, 10);
    assertFalse(context.isEnded(), "the partition gives one batch at most");
    assertEquals(1, node.metrics.counter("penstock.fetch.parked").getCount());
    node.loop.advance(500);

    assertEquals(batch, size(only(context)));
  }

  @Test
  void fetchIsAnsweredWithWhatThereIsWhenItsTimeIsUp() {
    node.append("pipe", 0, 1);
    RecordedContext context =
        handle(BY_ID, fetch().waiting(500, 100_000).from("pipe", 0, 0).from("pipe", 1, 0));
    node.loop.advance(499);
    assertFalse(context.isEnded());

    node.loop.advance(1);

    assertEquals(batchBytes(1), size(partitions(context).get(0)));
    assertEquals(2, partitions(context).size());
    node.append("pipe", 1, 1);
  }

  @Test
  void minBytesAboveTheLimitDoesNotWaitForever() {
    node.append("pipe", 0, 10);

    assertEquals(
        batchBytes(10),
        size(fetchOnce(BY_ID, fetch().waiting(500, 1_000_000).maxBytes(50).from("pipe", 0, 0))));
  }

  @Test
  void fetchOfNothingIsAnsweredAtOnce() {
    assertEquals(List.of(), partitions(handle(BY_ID, fetch().waiting(500, 1))));
  }

  @Test
  void parkedFetchLearnsThatItsTopicIsGone() throws Exception {
    RecordedContext context = handle(BY_ID, fetch().waiting(500, 1).from("pipe", 0, 0));

    node.deleteTopic("pipe");
    node.loop.runRound();

    assertEquals(Errors.UNKNOWN_TOPIC_ID, error(only(context)));
  }

  @Test
  void parkedFetchLearnsThatTheLeaderFell() throws Exception {
    node.createReplicatedTopic("safe", 1);
    RecordedContext context = handle(10, fetch().waiting(500, 1).from("safe", 0, 0));

    node.fenceSelf();
    node.awaitApplied(DataNode.idOf("safe"));
    node.loop.runRound();

    assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, error(only(context)));
  }

  @Test
  void abandonedFetchLeavesItsPartitions() {
    RecordedContext context =
        handle(BY_ID, fetch().waiting(Integer.MAX_VALUE, 1).from("pipe", 0, 0));

    context.abandon();
    node.append("pipe", 0, 1);

    assertTrue(context.endedWithoutResponse());
    assertEquals(0, node.metrics.counter("penstock.fetch.parked").getCount());
    assertEquals(0, node.loop.timers());
    assertFalse(node.hasSlicesOut("pipe", 0));
  }

  @Test
  void coldSlicesAreBroughtInBeforeTheAnswer() {
    everythingIsCold = true;
    node.append("pipe", 0, 1);

    RecordedContext context = handle(BY_ID, fetch().waiting(500, 1).from("pipe", 0, 0));
    assertFalse(context.isEnded());
    node.loop.advance(1_000);
    cold.remove().run();

    assertEquals(batchBytes(1), size(only(context)));
  }

  @Test
  void oldOffsetIsLookedUpOnAFileThread() throws Exception {
    node.append("pipe", 0, 1);
    node.append("pipe", 0, 1);
    restartCold();

    RecordedContext context = handle(BY_ID, fetch().waiting(500, 1).from("pipe", 0, 1));
    assertFalse(context.isEnded(), "its place is not in memory");
    files.remove().run();
    node.loop.runRound();

    assertEquals(batchBytes(1), size(only(context)));
    assertTrue(files.isEmpty());
    fetchOnce(BY_ID, fetch().from("pipe", 0, 2));
    assertTrue(files.isEmpty(), "the end of the log is always at hand");
  }

  @Test
  void strangersCannotPassForFollowers() throws Exception {
    assertEquals(
        Errors.NOT_LEADER_OR_FOLLOWER,
        error(fetchOnce(BY_ID, fetch().replica(2).from("pipe", 0, 0))));
    assertEquals(
        Errors.UNKNOWN_LEADER_EPOCH,
        error(
            fetchOnce(
                BY_ID,
                fetch()
                    .replica(DataNode.SELF)
                    .from("pipe", 0, 0, node.replica("pipe", 0).leaderEpoch(), 100))));
  }

  @Test
  void onlyPeersAreReplicasAndOnlyThemselves() throws Exception {
    node.createReplicatedTopic("safe", 1);
    for (int version : new int[] {BY_NAME, BY_ID}) {
      for (int[] replicaAndPeer : new int[][] {{2, -1}, {2, 3}, {-1, 2}}) {
        RecordedContext context =
            handle(
                version, fetch().replica(replicaAndPeer[0]).from("safe", 0, 0), replicaAndPeer[1]);
        assertEquals(
            Errors.CLUSTER_AUTHORIZATION_FAILED, Errors.forCode(response(context).errorCode()));
      }
    }
    assertEquals(6, node.metrics.meter("penstock.fetch.replicas.refused").getCount());
  }

  @Test
  void followersReadPastTheWatermarkAndMoveIt() throws Exception {
    node.createReplicatedTopic("safe", 1);
    node.append("safe", 0, 2);
    int epoch = node.replica("safe", 0).leaderEpoch();

    assertEquals(0, size(fetchOnce(BY_NAME, fetch().from("safe", 0, 0))));
    PartitionData data = fetchOnce(BY_NAME, fetch().replica(2).from("safe", 0, 0, epoch, 1 << 20));
    assertEquals(batchBytes(2), size(data));
    fetchOnce(BY_NAME, fetch().replica(2).from("safe", 0, 2, epoch, 1 << 20));
    fetchOnce(BY_NAME, fetch().replica(3).from("safe", 0, 2, epoch, 1 << 20));

    assertEquals(2, node.replica("safe", 0).highWatermark());
    assertEquals(batchBytes(2), size(fetchOnce(BY_NAME, fetch().from("safe", 0, 0))));
  }

  @Test
  void sentBytesAndRecordsAreCounted() {
    node.append("pipe", 0, 4);

    fetchOnce(BY_ID, fetch().from("pipe", 0, 0));
    fetchOnce(BY_ID, fetch().from("pipe", 0, 4));

    assertEquals(batchBytes(4), node.metrics.meter("penstock.fetch.bytes").getCount());
    assertEquals(4, node.metrics.meter("penstock.fetch.records").getCount());
  }
}
