package io.penstock.node.api.data;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Produce to a topic with {@code flush.messages=1}, whose acks wait for the disk. */
@Timeout(60)
final class HeldProduceTest {

  private static final LogSettings EACH_FLUSHED =
      LogSettingsBuilder.fromDefaults().flushMessages(1).build();

  @TempDir private Path directory;
  private DataNode node;
  private final ProducerPause pause = new ProducerPause(() -> 0);
  private ProduceHandler handler;

  @BeforeEach
  void open() throws Exception {
    node = new DataNode(directory, EACH_FLUSHED);
    handler =
        new ProduceHandler(
            node.partitions, () -> false, pause, () -> DataNode.NOW_MS, node.metrics);
    node.createTopic("safe", 2);
    node.disk.holdSyncs();
  }

  @AfterEach
  void close() throws Exception {
    node.disk.letSyncsPass();
    node.close();
  }

  private RecordedContext produce(int acks) {
    ProduceRequestData request = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(500);
    List<PartitionProduceData> partitions = List.of(partition(0), partition(1));
    request.topicData().add(new TopicProduceData().setName("safe").setPartitionData(partitions));
    RecordedContext context = node.context(12);
    handler.handle(context, request);
    node.loop.runRound();
    return context;
  }

  private void awaitEnd(RecordedContext context) {
    await()
        .pollInSameThread()
        .until(() -> {
          node.loop.runRound();
          return context.isEnded();
        });
  }

  private static PartitionProduceData partition(int index) {
    return new PartitionProduceData()
        .setIndex(index)
        .setRecords(WireRecords.ofBytes(TestBatch.ofRecords(1).build()));
  }

  private static void assertAnswers(Errors expected, RecordedContext context) {
    ProduceResponseData response = context.response(ProduceResponseData.class);
    for (PartitionProduceResponse answer :
        response.responses().iterator().next().partitionResponses()) {
      assertEquals(expected, Errors.forCode(answer.errorCode()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void ackWaitsForTheFsyncs(int acks) {
    RecordedContext context = produce(acks);
    assertFalse(context.isEnded());
    assertEquals(1, node.replica("safe", 0).logEndOffset());

    node.disk.letSyncsPass();
    awaitEnd(context);

    assertAnswers(Errors.NONE, context);
  }

  @Test
  void whoWaitedForAnAckIsAskedToWaitTooWhereAPauseHasBegunMeanwhile() {
    RecordedContext context = produce(-1);
    pause.begin(200);

    node.disk.letSyncsPass();
    awaitEnd(context);

    assertEquals(200, context.response(ProduceResponseData.class).throttleTimeMs());
  }

  @Test
  void produceWithoutAcksWaitsForNothing() {
    assertTrue(produce(0).endedWithoutResponse());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void ackThatTakesTooLongIsAnsweredWithATimeout(int acks) {
    RecordedContext context = produce(acks);

    node.loop.advance(499);
    assertFalse(context.isEnded());
    node.loop.advance(1);

    assertAnswers(Errors.REQUEST_TIMED_OUT, context);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void failedFsyncIsAStorageErrorAndNeverAnAck(int acks) {
    RecordedContext context = produce(acks);

    node.disk.failWritesFrom(0);
    node.disk.letSyncsPass();
    awaitEnd(context);

    assertAnswers(Errors.KAFKA_STORAGE_ERROR, context);
    assertAnswers(Errors.KAFKA_STORAGE_ERROR, produce(acks));
  }

  @Test
  void ackIsRefusedWhenTheTopicIsDeleted() throws Exception {
    PartitionReplica replica = node.replica("safe", 0);
    RecordedContext context = produce(1);

    node.deleteTopic("safe");
    awaitEnd(context);

    assertAnswers(Errors.NOT_LEADER_OR_FOLLOWER, context);
    assertFalse(replica.mayAcknowledge(1, 0));
  }
}
