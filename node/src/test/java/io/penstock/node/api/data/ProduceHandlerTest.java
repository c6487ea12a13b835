package io.penstock.node.api.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's rules for produce, over real logs on a disk in memory. */
@Timeout(60)
final class ProduceHandlerTest {

  private static final int BY_NAME = 12;
  private static final int BY_ID = 13;
  private static final int ALL = -1;
  private static final int ZSTD = 4;

  @TempDir private Path directory;
  private final AtomicLong nowNs = new AtomicLong();
  private final ProducerPause pause = new ProducerPause(nowNs::get);
  private DataNode node;
  private ProduceHandler handler;

  @BeforeEach
  void open() throws Exception {
    node = new DataNode(directory);
    handler = handler(() -> false);
    node.createTopic("pipe", 2);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  private ProduceHandler handler(BooleanSupplier cutOff) {
    return new ProduceHandler(node.partitions, cutOff, pause, () -> DataNode.NOW_MS, node.metrics);
  }

  private static ByteBuffer batch(int records) {
    return TestBatch.ofRecords(records).build();
  }

  private static ByteBuffer idempotent() {
    return TestBatch.ofRecords(2).producer(5, 0, 0).build();
  }

  private static PartitionProduceData partition(int index, @Nullable ByteBuffer records) {
    return new PartitionProduceData()
        .setIndex(index)
        .setRecords(records == null ? null : WireRecords.ofBytes(records));
  }

  private static ProduceRequestData request(
      String topic, int acks, PartitionProduceData... partitions) {
    ProduceRequestData request = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(500);
    request
        .topicData()
        .add(
            new TopicProduceData()
                .setName(topic)
                .setTopicId(DataNode.kafkaIdOf(topic))
                .setPartitionData(List.of(partitions)));
    return request;
  }

  private RecordedContext handle(int version, ProduceRequestData request) {
    RecordedContext context = node.context(version);
    handler.handle(context, request);
    node.loop.runRound();
    return context;
  }

  private static List<PartitionProduceResponse> answers(RecordedContext context) {
    ProduceResponseData response = context.response(ProduceResponseData.class);
    assertEquals(1, response.responses().size());
    return response.responses().iterator().next().partitionResponses();
  }

  private static PartitionProduceResponse answer(RecordedContext context) {
    assertEquals(1, answers(context).size());
    return answers(context).getFirst();
  }

  private PartitionProduceResponse produce(
      int version, String topic, int acks, @Nullable ByteBuffer records) {
    return answer(handle(version, request(topic, acks, partition(0, records))));
  }

  private static void assertError(Errors expected, PartitionProduceResponse answer) {
    assertEquals(expected, Errors.forCode(answer.errorCode()));
    if (expected != Errors.NONE) {
      assertEquals(-1, answer.baseOffset());
    }
  }

  @Test
  void appendsByNameAndByIdAndAnswersWithOffsets() {
    assertEquals(0, produce(BY_NAME, "pipe", 1, batch(3)).baseOffset());

    PartitionProduceResponse answer = produce(BY_ID, "pipe", 1, batch(2));

    assertError(Errors.NONE, answer);
    assertEquals(3, answer.baseOffset());
    assertEquals(-1, answer.logAppendTimeMs());
    assertEquals(0, answer.logStartOffset());
    assertEquals(5, node.replica("pipe", 0).highWatermark());
  }

  @Test
  void everyVersionIsServed() {
    for (int version = handler.lowestVersion(); version <= handler.highestVersion(); version++) {
      PartitionProduceResponse answer = produce(version, "pipe", ALL, batch(1));
      assertError(Errors.NONE, answer);
      assertEquals(version - 3, answer.baseOffset());
    }
  }

  @Test
  void producersAreAskedToWaitForWhatIsLeftOfAPause() {
    assertEquals(0, throttleMs(1));
    pause.begin(200);
    nowNs.set(50_500_000);

    assertEquals(150, throttleMs(1));
    assertEquals(150, throttleMs(ALL));
    nowNs.set(200_000_000);
    assertEquals(0, throttleMs(1));
    assertEquals(4, pause.requests());
  }

  private int throttleMs(int acks) {
    return handle(BY_ID, request("pipe", acks, partition(0, batch(1))))
        .response(ProduceResponseData.class)
        .throttleTimeMs();
  }

  @Test
  void onePartitionsFailureIsNoOthers() {
    ByteBuffer damaged = batch(1);
    damaged.put(damaged.limit() - 1, (byte) ~damaged.get(damaged.limit() - 1));

    RecordedContext context =
        handle(
            BY_NAME,
            request(
                "pipe", 1, partition(0, damaged), partition(1, batch(1)), partition(2, batch(1))));

    assertError(Errors.CORRUPT_MESSAGE, answers(context).get(0));
    assertError(Errors.NONE, answers(context).get(1));
    assertError(Errors.UNKNOWN_TOPIC_OR_PARTITION, answers(context).get(2));
    assertEquals(0, node.replica("pipe", 0).logEndOffset());
  }

  @Test
  void produceWithoutAcksIsNotAnswered() {
    RecordedContext context = handle(BY_NAME, request("pipe", 0, partition(0, batch(1))));

    assertTrue(context.endedWithoutResponse());
    assertEquals(1, node.replica("pipe", 0).logEndOffset());
  }

  @Test
  void failedProduceWithoutAcksClosesTheConnection() {
    RecordedContext context = handle(BY_NAME, request("nowhere", 0, partition(0, batch(1))));

    assertNotNull(context.closeReason());
  }

  @Test
  void acksThatMeanNothingAreRefused() {
    assertError(Errors.INVALID_REQUIRED_ACKS, produce(BY_NAME, "pipe", 2, batch(1)));
    assertError(Errors.INVALID_REQUIRED_ACKS, produce(BY_NAME, "pipe", -2, batch(1)));
    assertEquals(0, node.replica("pipe", 0).logEndOffset());
  }

  @Test
  void unknownTopicsAreToldByTheirKindOfName() {
    assertError(Errors.UNKNOWN_TOPIC_OR_PARTITION, produce(BY_NAME, "nowhere", 1, batch(1)));
    assertError(Errors.UNKNOWN_TOPIC_ID, produce(BY_ID, "nowhere", 1, batch(1)));
  }

  @Test
  void producerAtTheWrongNodeIsToldWhoLeads() throws Exception {
    node.createTopicElsewhere("far");

    RecordedContext context = handle(BY_ID, request("far", 1, partition(0, batch(1))));

    assertError(Errors.NOT_LEADER_OR_FOLLOWER, answer(context));
    assertEquals(2, answer(context).currentLeader().leaderId());
    assertNotNull(context.response(ProduceResponseData.class).nodeEndpoints().find(2));

    RecordedContext old = handle(9, request("far", 1, partition(0, batch(1))));
    assertEquals(-1, answer(old).currentLeader().leaderId());
  }

  @Test
  void onlyOneWholeBatchOfTheCurrentFormatIsTaken() {
    ByteBuffer two = ByteBuffer.allocateDirect(1_000).put(batch(1)).put(batch(1)).flip();
    ByteBuffer half = batch(1);
    half.limit(half.limit() - 1);
    ByteBuffer old = batch(1);
    old.put(16, (byte) 1);
    ByteBuffer shrunk = batch(1);
    shrunk.putInt(8, 10);
    ByteBuffer endless = batch(1);
    endless.putInt(8, Integer.MAX_VALUE);

    assertError(Errors.INVALID_RECORD, produce(BY_NAME, "pipe", 1, null));
    assertError(Errors.INVALID_RECORD, produce(BY_NAME, "pipe", 1, ByteBuffer.allocateDirect(0)));
    assertError(Errors.INVALID_RECORD, produce(BY_NAME, "pipe", 1, ByteBuffer.allocateDirect(20)));
    assertError(Errors.INVALID_RECORD, produce(BY_NAME, "pipe", 1, two));
    assertError(Errors.INVALID_RECORD, produce(BY_NAME, "pipe", 1, half));
    assertError(Errors.INVALID_RECORD, produce(BY_NAME, "pipe", 1, old));
    assertError(Errors.CORRUPT_MESSAGE, produce(BY_NAME, "pipe", 1, shrunk));
    assertError(Errors.INVALID_RECORD, produce(BY_NAME, "pipe", 1, endless));
    assertEquals(0, node.replica("pipe", 0).logEndOffset());
  }

  @Test
  void zstdNeedsAVersionThatKnowsIt() {
    ByteBuffer zstd = TestBatch.ofRecords(1).attributes(ZSTD).build();

    assertError(Errors.UNSUPPORTED_COMPRESSION_TYPE, produce(6, "pipe", 1, zstd.duplicate()));
    assertError(Errors.NONE, produce(7, "pipe", 1, zstd));
  }

  @Test
  void transactionalBatchesAreRefusedForGood() {
    ByteBuffer batch = TestBatch.ofRecords(1).producer(5, 0, 0).transactional().build();
    ProduceRequestData named = request("pipe", ALL, partition(0, batch.duplicate()));

    assertError(
        Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        produce(BY_NAME, "pipe", ALL, batch.duplicate()));
    assertError(
        Errors.INVALID_TXN_STATE, answer(handle(BY_NAME, named.setTransactionalId("mine"))));
    assertEquals(0, node.replica("pipe", 0).logEndOffset());
  }

  @Test
  void repeatedBatchIsAnsweredWithItsFirstOffset() {
    produce(BY_NAME, "pipe", ALL, batch(4));
    ByteBuffer idempotent = TestBatch.ofRecords(2).producer(5, 0, 0).build();
    ByteBuffer gap = TestBatch.ofRecords(2).producer(5, 0, 7).build();
    ByteBuffer again = ByteBuffer.allocateDirect(idempotent.remaining());
    again.put(idempotent.duplicate()).flip();

    assertEquals(4, produce(BY_NAME, "pipe", ALL, idempotent).baseOffset());
    PartitionProduceResponse repeated = produce(BY_NAME, "pipe", ALL, again);

    assertError(Errors.NONE, repeated);
    assertEquals(4, repeated.baseOffset());
    assertEquals(6, node.replica("pipe", 0).logEndOffset());
    assertError(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, produce(BY_NAME, "pipe", ALL, gap));
  }

  @Test
  void batchThatIsTooOldToBeRememberedIsStillNoGap() {
    for (int i = 0; i < 8; i++) {
      ByteBuffer next = TestBatch.ofRecords(2).producer(5, 0, 2 * i).build();
      assertError(
          Errors.NONE,
          answers(handle(BY_NAME, request("pipe", ALL, partition(0, next)))).getFirst());
    }

    PartitionProduceResponse again =
        answers(handle(BY_NAME, request("pipe", ALL, partition(0, idempotent())))).getFirst();

    assertError(Errors.DUPLICATE_SEQUENCE_NUMBER, again);
    assertEquals(-1, again.baseOffset());
  }

  @Test
  void acksAllIsAnsweredWhenTheFollowersHaveIt() throws Exception {
    node.createReplicatedTopic("safe", 2);

    RecordedContext context = handle(BY_NAME, request("safe", ALL, partition(0, batch(2))));
    assertFalse(context.isEnded());
    node.followerFetched("safe", 2, 2);
    node.loop.runRound();
    assertFalse(context.isEnded(), "follower 3 is in sync, too");
    node.followerFetched("safe", 3, 2);
    node.loop.runRound();

    assertError(Errors.NONE, answer(context));
    assertEquals(0, answer(context).baseOffset());
    assertEquals(0, node.loop.timers());
  }

  @Test
  void acksAllIsAnsweredWhenItsTimeIsUp() throws Exception {
    node.createReplicatedTopic("safe", 2);

    RecordedContext context = handle(BY_NAME, request("safe", ALL, partition(0, batch(2))));
    node.loop.advance(499);
    assertFalse(context.isEnded());
    node.loop.advance(1);

    assertEquals(Errors.REQUEST_TIMED_OUT, Errors.forCode(answer(context).errorCode()));
    node.followerFetched("safe", 2, 2);
    node.followerFetched("safe", 3, 2);
    node.loop.runRound();
  }

  @Test
  void abandonedProduceLeavesItsPartitions() throws Exception {
    node.createReplicatedTopic("safe", 2);
    RecordedContext context = handle(BY_NAME, request("safe", ALL, partition(0, batch(2))));

    context.abandon();
    node.followerFetched("safe", 2, 2);
    node.followerFetched("safe", 3, 2);
    node.loop.runRound();

    assertTrue(context.endedWithoutResponse());
    assertEquals(0, node.loop.timers());
  }

  @Test
  void requestThatFailedHalfWayIsAnsweredByNobodyElse() throws Exception {
    node.createReplicatedTopic("safe", 2);
    PartitionProduceData broken =
        new PartitionProduceData().setIndex(0).setRecords(WireRecords.ofRanges(List.of()));
    RecordedContext context = node.context(BY_NAME);
    ProduceRequestData request = request("safe", ALL, partition(0, batch(2)), broken);
    assertThrows(IllegalArgumentException.class, () -> handler.handle(context, request));

    node.followerFetched("safe", 2, 2);
    node.followerFetched("safe", 3, 2);
    node.loop.runRound();

    assertFalse(context.isEnded());
  }

  @Test
  void producerLearnsThatItsLeaderFell() throws Exception {
    node.createReplicatedTopic("safe", 2);
    RecordedContext context = handle(BY_NAME, request("safe", ALL, partition(0, batch(2))));

    node.fenceSelf();
    node.awaitApplied(DataNode.idOf("safe"));
    node.loop.runRound();

    assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, Errors.forCode(answer(context).errorCode()));
    assertEquals(2, answer(context).currentLeader().leaderId());
    assertEquals(1, answer(context).currentLeader().leaderEpoch());
    assertNotNull(context.response(ProduceResponseData.class).nodeEndpoints().find(2));
  }

  @Test
  void tooFewReplicasAreToldApartBeforeAndAfterTheAppend() throws Exception {
    node.createReplicatedTopic("safe", 2);
    RecordedContext before = handle(BY_NAME, request("safe", ALL, partition(0, batch(2))));
    node.fence(2);
    assertFalse(before.isEnded(), "two are enough");

    node.fence(3);
    node.awaitApplied(DataNode.idOf("safe"));
    node.loop.runRound();

    assertEquals(
        Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND, Errors.forCode(answer(before).errorCode()));
    RecordedContext after = handle(BY_NAME, request("safe", ALL, partition(0, batch(2))));
    assertError(Errors.NOT_ENOUGH_REPLICAS, answer(after));
    assertEquals(2, node.replica("safe", 0).logEndOffset());
    assertError(Errors.NONE, answer(handle(BY_NAME, request("safe", 1, partition(0, batch(2))))));
  }

  @Test
  void repeatedBatchIsAcknowledgedNoSoonerThanTheFirst() throws Exception {
    node.createReplicatedTopic("safe", 2);
    RecordedContext first = handle(BY_NAME, request("safe", ALL, partition(0, idempotent())));
    RecordedContext again = handle(BY_NAME, request("safe", ALL, partition(0, idempotent())));
    assertEquals(2, node.replica("safe", 0).logEndOffset());
    assertFalse(first.isEnded());
    assertFalse(again.isEnded());

    node.followerFetched("safe", 2, 2);
    node.followerFetched("safe", 3, 2);
    node.loop.runRound();

    assertError(Errors.NONE, answer(first));
    assertError(Errors.NONE, answer(again));
    assertEquals(0, answer(again).baseOffset());
  }

  @Test
  void nodeThatIsCutOffTakesNothing() throws Exception {
    boolean[] cutOff = {true};
    handler = handler(() -> cutOff[0]);

    for (int acks : new int[] {1, ALL}) {
      RecordedContext refused = handle(BY_NAME, request("pipe", acks, partition(0, batch(1))));
      assertError(Errors.NOT_LEADER_OR_FOLLOWER, answer(refused));
      assertEquals(-1, answer(refused).currentLeader().leaderId());
    }
    assertEquals(0, node.replica("pipe", 0).logEndOffset());
    cutOff[0] = false;

    assertError(Errors.NONE, answer(handle(BY_NAME, request("pipe", 1, partition(0, batch(1))))));
  }

  @Test
  void producerThatWaitsIsLetGoWhenTheNodeIsCutOffAndSentNowhere() throws Exception {
    boolean[] cutOff = {false};
    handler = handler(() -> cutOff[0]);
    node.createReplicatedTopic("safe", 2);
    RecordedContext waiting =
        handle(BY_NAME, request("safe", ALL, partition(0, batch(2)), partition(0, batch(1))));
    assertFalse(waiting.isEnded());
    cutOff[0] = true;

    node.registry.cutOff();
    node.loop.runRound();

    for (PartitionProduceResponse answer : answers(waiting)) {
      assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, Errors.forCode(answer.errorCode()));
      assertEquals(-1, answer.currentLeader().leaderId());
    }
    assertEquals(3, node.replica("safe", 0).logEndOffset(), "it is stored, and may be committed");
    assertEquals(0, node.loop.timers());
  }

  @Test
  void fullDiskIsARetriableErrorThatHeals() {
    produce(BY_NAME, "pipe", 1, batch(1));
    node.disk.limitCapacity(node.disk.usedBytes());

    assertError(Errors.KAFKA_STORAGE_ERROR, produce(BY_NAME, "pipe", 1, batch(10_000)));
    node.disk.healWrites();

    assertEquals(1, produce(BY_NAME, "pipe", 1, batch(1)).baseOffset());
  }

  @Test
  void appendTimeOfTheLogIsAnswered() throws Exception {
    LogSettings byAppendTime =
        LogSettingsBuilder.fromDefaults().batchBytesMax(100).logAppendTime(true).build();
    node.close();
    node = new DataNode(directory, byAppendTime);
    handler = handler(() -> false);
    node.createTopic("late", 1);

    assertEquals(DataNode.NOW_MS, produce(BY_NAME, "late", 1, batch(1)).logAppendTimeMs());
    assertError(Errors.MESSAGE_TOO_LARGE, produce(BY_NAME, "late", 1, batch(100)));
  }

  @Test
  void bytesAndRecordsAreCounted() {
    ByteBuffer batch = batch(5);
    int size = batch.remaining();

    produce(BY_NAME, "pipe", 1, batch);
    produce(BY_NAME, "nowhere", 1, batch(5));

    assertEquals(size, node.metrics.meter("penstock.produce.bytes").getCount());
    assertEquals(5, node.metrics.meter("penstock.produce.records").getCount());
  }

  @Test
  void handlingThatThrewIsAnsweredForEveryPartition() {
    ProduceRequestData request = request("pipe", 1, partition(0, batch(1)), partition(1, null));

    ProduceResponseData response =
        (ProduceResponseData)
            handler.failure(node.context(BY_NAME), request, new IllegalStateException());

    assertNotNull(response);
    assertEquals(2, response.responses().iterator().next().partitionResponses().size());
    assertEquals(
        null, handler.failure(node.context(BY_NAME), request.setAcks((short) 0), new Error()));
  }
}
