package io.penstock.node.api.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.storage.batch.TestBatch;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** ListOffsets, OffsetForLeaderEpoch, DeleteRecords and DescribeProducers over real logs. */
@Timeout(60)
final class OffsetHandlersTest {

  private static final int LATEST_VERSION = 11;
  private static final int CONSUMER = -1;

  @TempDir private Path directory;
  private final ArrayDeque<Runnable> files = new ArrayDeque<>();
  private DataNode node;

  @BeforeEach
  void open() throws Exception {
    node = new DataNode(directory);
    node.createTopic("pipe", 1);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  private void appendAt(long timestampMs) {
    node.append(
        "pipe",
        0,
        TestBatch.ofRecords(1).timestamps(timestampMs, timestampMs).build(),
        node.loop.wakeups());
  }

  private static ListOffsetsRequestData offsetsOf(
      String topic, int replicaId, int leaderEpoch, long... timestamps) {
    List<ListOffsetsPartition> partitions = new ArrayList<>();
    for (long timestamp : timestamps) {
      partitions.add(
          new ListOffsetsPartition()
              .setPartitionIndex(0)
              .setCurrentLeaderEpoch(leaderEpoch)
              .setTimestamp(timestamp));
    }
    return new ListOffsetsRequestData()
        .setReplicaId(replicaId)
        .setTopics(List.of(new ListOffsetsTopic().setName(topic).setPartitions(partitions)));
  }

  private ListOffsetsPartitionResponse list(int version, ListOffsetsRequestData request) {
    RecordedContext context = node.context(version);
    new ListOffsetsHandler(node.partitions, files::add).handle(context, request);
    while (!files.isEmpty()) {
      files.remove().run();
    }
    return context
        .response(ListOffsetsResponseData.class)
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  private ListOffsetsPartitionResponse list(long timestamp) {
    return list(LATEST_VERSION, offsetsOf("pipe", CONSUMER, -1, timestamp));
  }

  private static void assertOffset(long offset, long timestamp, ListOffsetsPartitionResponse got) {
    assertEquals(Errors.NONE, Errors.forCode(got.errorCode()));
    assertEquals(offset, got.offset());
    assertEquals(timestamp, got.timestamp());
  }

  @Test
  void endsOfTheLogAreAnsweredWithTheirEpoch() throws Exception {
    node.append("pipe", 0, 5);
    node.replica("pipe", 0).deleteRecordsBefore(2);
    int epoch = node.replica("pipe", 0).leaderEpoch();

    assertOffset(5, -1, list(-1));
    assertEquals(epoch, list(-1).leaderEpoch());
    assertOffset(2, -1, list(-2));
    assertEquals(epoch, list(-2).leaderEpoch());
    assertOffset(2, -1, list(-4));
  }

  @Test
  void recordIsFoundByTime() {
    appendAt(1_000);
    appendAt(3_000);
    appendAt(2_000);

    assertOffset(0, 1_000, list(0));
    assertOffset(1, 3_000, list(1_001));
    assertOffset(1, 3_000, list(-3));
    assertOffset(-1, -1, list(3_001));
  }

  @Test
  void searchInFilesIsNotDoneOnTheLoop() {
    appendAt(1_000);
    RecordedContext context = node.context(LATEST_VERSION);

    new ListOffsetsHandler(node.partitions, files::add)
        .handle(context, offsetsOf("pipe", CONSUMER, -1, 500));

    assertFalse(context.isEnded());
    files.remove().run();
    context.response(ListOffsetsResponseData.class);
  }

  @Test
  void overloadOfTheFileThreadsIsAnswered() {
    RecordedContext context = node.context(LATEST_VERSION);

    new ListOffsetsHandler(
            node.partitions,
            _ -> {
              throw new RejectedExecutionException();
            })
        .handle(context, offsetsOf("pipe", CONSUMER, -1, 500));

    ListOffsetsPartitionResponse answer =
        context.response(ListOffsetsResponseData.class).topics().getFirst().partitions().getFirst();
    assertEquals(Errors.REQUEST_TIMED_OUT, Errors.forCode(answer.errorCode()));
  }

  @Test
  void specialTimesAreServedSinceTheirVersion() {
    assertOffset(-1, -1, list(-3));
    assertOffset(-1, -1, list(-5));
    assertOffset(-1, -1, list(-6));
    long[][] firstVersions = {{-3, 7}, {-4, 8}, {-5, 9}, {-6, 11}};
    for (long[] first : firstVersions) {
      ListOffsetsPartitionResponse refused =
          list((int) first[1] - 1, offsetsOf("pipe", CONSUMER, -1, first[0]));
      assertEquals(Errors.UNSUPPORTED_VERSION, Errors.forCode(refused.errorCode()));
      ListOffsetsPartitionResponse served =
          list((int) first[1], offsetsOf("pipe", CONSUMER, -1, first[0]));
      assertEquals(Errors.NONE, Errors.forCode(served.errorCode()));
    }
    assertEquals(Errors.UNSUPPORTED_VERSION, Errors.forCode(list(-7).errorCode()));
  }

  @Test
  void consumersSeeTheCommittedEndAndDebuggersTheLogEnd() throws Exception {
    node.createReplicatedTopic("safe", 1);
    node.append("safe", 0, 3);

    assertOffset(0, -1, list(LATEST_VERSION, offsetsOf("safe", CONSUMER, -1, -1)));
    assertOffset(3, -1, list(LATEST_VERSION, offsetsOf("safe", -2, -1, -1)));
    assertOffset(-1, -1, list(LATEST_VERSION, offsetsOf("safe", CONSUMER, -1, -3)));
  }

  @Test
  void newLeaderDoesNotSayWhatIsCommittedBeforeItKnows() throws Exception {
    node.createReplicatedTopic("safe", 1);
    node.append("safe", 0, 3);
    node = node.restarted(directory, Function.identity());

    ListOffsetsPartitionResponse unknown =
        list(LATEST_VERSION, offsetsOf("safe", CONSUMER, -1, -1));
    assertEquals(Errors.OFFSET_NOT_AVAILABLE, Errors.forCode(unknown.errorCode()));
    ListOffsetsPartitionResponse old = list(4, offsetsOf("safe", CONSUMER, -1, -1));
    assertEquals(Errors.LEADER_NOT_AVAILABLE, Errors.forCode(old.errorCode()));
    assertOffset(0, -1, list(LATEST_VERSION, offsetsOf("safe", CONSUMER, -1, -2)));
    assertOffset(3, -1, list(LATEST_VERSION, offsetsOf("safe", -2, -1, -1)));
    node.followerFetched("safe", 2, 3);
    node.followerFetched("safe", 3, 3);

    assertOffset(3, -1, list(LATEST_VERSION, offsetsOf("safe", CONSUMER, -1, -1)));
  }

  @Test
  void askersOfTheWrongEpochTopicOrNodeAreRefused() throws Exception {
    node.createTopicElsewhere("far");

    assertEquals(
        Errors.UNKNOWN_LEADER_EPOCH,
        Errors.forCode(list(6, offsetsOf("pipe", CONSUMER, 9, -1)).errorCode()));
    assertEquals(
        Errors.UNKNOWN_TOPIC_OR_PARTITION,
        Errors.forCode(list(6, offsetsOf("nowhere", CONSUMER, -1, -1)).errorCode()));
    assertEquals(
        Errors.NOT_LEADER_OR_FOLLOWER,
        Errors.forCode(list(6, offsetsOf("far", CONSUMER, -1, -1)).errorCode()));
    assertEquals(
        Errors.INVALID_REQUEST,
        Errors.forCode(list(6, offsetsOf("pipe", CONSUMER, -1, -1, -2)).errorCode()));
  }

  private EpochEndOffset endOf(String topic, int currentLeaderEpoch, int leaderEpoch) {
    RecordedContext context = node.context(4);
    OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
    request
        .topics()
        .add(
            new OffsetForLeaderTopic()
                .setTopic(topic)
                .setPartitions(
                    List.of(
                        new OffsetForLeaderPartition()
                            .setPartition(0)
                            .setCurrentLeaderEpoch(currentLeaderEpoch)
                            .setLeaderEpoch(leaderEpoch))));
    new OffsetForLeaderEpochHandler(node.partitions).handle(context, request);
    return context
        .response(OffsetForLeaderEpochResponseData.class)
        .topics()
        .iterator()
        .next()
        .partitions()
        .getFirst();
  }

  @Test
  void endOfAnEpochIsAnsweredByTheLeader() {
    node.append("pipe", 0, 4);
    int epoch = node.replica("pipe", 0).leaderEpoch();

    EpochEndOffset end = endOf("pipe", epoch, epoch);
    assertEquals(Errors.NONE, Errors.forCode(end.errorCode()));
    assertEquals(epoch, end.leaderEpoch());
    assertEquals(4, end.endOffset());

    EpochEndOffset later = endOf("pipe", -1, epoch + 1);
    assertEquals(-1, later.leaderEpoch());
    assertEquals(-1, later.endOffset());
    assertEquals(
        Errors.UNKNOWN_LEADER_EPOCH, Errors.forCode(endOf("pipe", epoch + 1, 0).errorCode()));
    assertEquals(
        Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.forCode(endOf("nowhere", -1, 0).errorCode()));
  }

  private DeleteRecordsPartitionResult delete(String topic, long before) {
    RecordedContext context = node.context(2);
    DeleteRecordsRequestData request =
        new DeleteRecordsRequestData()
            .setTopics(
                List.of(
                    new DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(
                            List.of(
                                new DeleteRecordsPartition()
                                    .setPartitionIndex(0)
                                    .setOffset(before)))));
    new DeleteRecordsHandler(node.partitions, files::add).handle(context, request);
    assertFalse(context.isEnded(), "deletes on a file thread");
    files.remove().run();
    return context
        .response(DeleteRecordsResponseData.class)
        .topics()
        .iterator()
        .next()
        .partitions()
        .iterator()
        .next();
  }

  @Test
  void recordsAreDeletedUpToTheWatermark() {
    node.append("pipe", 0, 5);

    assertEquals(3, delete("pipe", 3).lowWatermark());
    assertEquals(3, delete("pipe", 1).lowWatermark());
    assertEquals(Errors.OFFSET_OUT_OF_RANGE, Errors.forCode(delete("pipe", 6).errorCode()));
    assertEquals(-1, delete("pipe", 6).lowWatermark());
    assertEquals(5, delete("pipe", -1).lowWatermark());
    assertEquals(
        Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.forCode(delete("nowhere", 0).errorCode()));
  }

  private PartitionResponse producersOf(String topic) {
    RecordedContext context = node.context(0);
    DescribeProducersRequestData request = new DescribeProducersRequestData();
    request.topics().add(new TopicRequest().setName(topic).setPartitionIndexes(List.of(0)));
    new DescribeProducersHandler(node.partitions).handle(context, request);
    return context
        .response(DescribeProducersResponseData.class)
        .topics()
        .getFirst()
        .partitions()
        .getFirst();
  }

  @Test
  void idempotentProducersAreDescribed() {
    node.append("pipe", 0, TestBatch.ofRecords(3).producer(42, 7, 0).build(), node.loop.wakeups());

    PartitionResponse answer = producersOf("pipe");

    assertEquals(1, answer.activeProducers().size());
    assertEquals(42, answer.activeProducers().getFirst().producerId());
    assertEquals(7, answer.activeProducers().getFirst().producerEpoch());
    assertEquals(2, answer.activeProducers().getFirst().lastSequence());
    assertEquals(-1, answer.activeProducers().getFirst().currentTxnStartOffset());
    assertEquals(
        Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.forCode(producersOf("nowhere").errorCode()));
  }
}
