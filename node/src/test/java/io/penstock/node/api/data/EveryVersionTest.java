package io.penstock.node.api.data;

import static org.apache.kafka.common.protocol.Errors.INVALID_RECORD;
import static org.apache.kafka.common.protocol.Errors.INVALID_REQUEST;
import static org.apache.kafka.common.protocol.Errors.NONE;
import static org.apache.kafka.common.protocol.Errors.NOT_ENOUGH_REPLICAS;
import static org.apache.kafka.common.protocol.Errors.NOT_LEADER_OR_FOLLOWER;
import static org.apache.kafka.common.protocol.Errors.OFFSET_OUT_OF_RANGE;
import static org.apache.kafka.common.protocol.Errors.REQUEST_TIMED_OUT;
import static org.apache.kafka.common.protocol.Errors.UNKNOWN_LEADER_EPOCH;
import static org.apache.kafka.common.protocol.Errors.UNKNOWN_SERVER_ERROR;
import static org.apache.kafka.common.protocol.Errors.UNKNOWN_TOPIC_ID;
import static org.apache.kafka.common.protocol.Errors.UNKNOWN_TOPIC_OR_PARTITION;
import static org.apache.kafka.common.protocol.Errors.UNSUPPORTED_VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.WireExchange;
import io.penstock.node.api.fetch.FetchHandler;
import io.penstock.node.api.fetch.FetchSessions;
import io.penstock.storage.batch.TestBatch;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every handler of the data path in every version that it serves, over the bytes of the codec: with
 * success, with each kind of refusal, and with the answer to a handler that threw.
 */
@Timeout(60)
final class EveryVersionTest {

  private static final Executor BUSY =
      task -> {
        throw new RejectedExecutionException();
      };

  @TempDir private Path directory;
  private DataNode node;

  @BeforeEach
  void open() throws Exception {
    node = new DataNode(directory);
    node.createTopic("pipe", 1);
    node.createTopicElsewhere("far");
    node.createReplicatedTopic("strict", 3);
    node.append("pipe", 0, 5);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  private <T extends ApiMessage> T ask(
      ApiHandler handler, int version, ApiMessage request, Class<T> type) throws Exception {
    return WireExchange.ask(node, handler, version, request, type);
  }

  private static <T> List<Errors> errors(List<T> answers, Function<T, Short> code) {
    return answers.stream().map(answer -> Errors.forCode(code.apply(answer))).toList();
  }

  @Test
  void produce() throws Exception {
    ProduceHandler handler =
        new ProduceHandler(
            node.partitions,
            () -> false,
            new ProducerPause(() -> 0),
            () -> DataNode.NOW_MS,
            node.metrics);
    node.fence(3);
    for (int version = 3; version <= handler.highestVersion(); version++) {
      for (short acks : new short[] {1, -1}) {
        ProduceRequestData request =
            new ProduceRequestData().setAcks(acks).setTimeoutMs(100).setTransactionalId(null);
        for (String topic : List.of("pipe", "far", "none", "strict")) {
          addTo(request, topic, TestBatch.ofRecords(1).build());
        }
        addTo(request, "pipe", null);

        ProduceResponseData response = ask(handler, version, request, ProduceResponseData.class);

        Errors unknown = version >= 13 ? UNKNOWN_TOPIC_ID : UNKNOWN_TOPIC_OR_PARTITION;
        assertEquals(
            List.of(
                NONE,
                NOT_LEADER_OR_FOLLOWER,
                unknown,
                acks == 1 ? NONE : NOT_ENOUGH_REPLICAS,
                INVALID_RECORD),
            errorsOf(response));
        assertEquals(
            List.of(UNKNOWN_SERVER_ERROR),
            errorsOf(
                    WireExchange.failure(
                        node, handler, version, request, ProduceResponseData.class))
                .stream()
                .distinct()
                .toList());
      }
    }
  }

  private static void addTo(ProduceRequestData request, String topic, @Nullable ByteBuffer batch) {
    PartitionProduceData partition =
        new PartitionProduceData()
            .setIndex(0)
            .setRecords(batch == null ? null : WireRecords.ofBytes(batch));
    request
        .topicData()
        .add(
            new TopicProduceData()
                .setName(topic)
                .setTopicId(DataNode.kafkaIdOf(topic))
                .setPartitionData(List.of(partition)));
  }

  private static List<Errors> errorsOf(ProduceResponseData response) {
    return response.responses().stream()
        .flatMap(t -> errors(t.partitionResponses(), p -> p.errorCode()).stream())
        .toList();
  }

  @Test
  void fetch() throws Exception {
    FetchHandler handler =
        new FetchHandler(
            node.partitions,
            new FetchSessions(100, 1_000, node.metrics),
            (slices, loop, ready) -> ready.run(),
            Runnable::run,
            1 << 20,
            () -> DataNode.NOW_MS,
            node.metrics);
    for (int version = 4; version <= handler.highestVersion(); version++) {
      FetchRequestData request = fetch(0, 0);
      addTo(request, "pipe", 0, -1, -1);
      addTo(request, "far", 0, -1, -1);
      addTo(request, "none", 0, -1, -1);
      addTo(request, "pipe", 99, -1, -1);
      addTo(request, "pipe", 7, -1, version >= 12 ? 0 : -1);

      FetchResponseData response = ask(handler, version, request, FetchResponseData.class);

      Errors unknown = version >= 13 ? UNKNOWN_TOPIC_ID : UNKNOWN_TOPIC_OR_PARTITION;
      assertEquals(
          List.of(
              NONE,
              NOT_LEADER_OR_FOLLOWER,
              unknown,
              OFFSET_OUT_OF_RANGE,
              version >= 12 ? NONE : OFFSET_OUT_OF_RANGE),
          errors(partitions(response), PartitionData::errorCode));
      assertTrue(partitions(response).getFirst().records().sizeInBytes() > 0);
      assertEquals(
          version >= 12 ? 5 : -1, partitions(response).get(4).divergingEpoch().endOffset());
      assertEquals(version >= 7, response.sessionId() != 0);
      if (version >= 7) {
        proceed(handler, version, response.sessionId());
      }
      FetchResponseData failed =
          WireExchange.failure(node, handler, version, request, FetchResponseData.class);
      assertEquals(version < 13 ? 5 : 0, partitions(failed).size());
      partitions(failed).forEach(p -> assertEquals(UNKNOWN_SERVER_ERROR.code(), p.errorCode()));
    }
  }

  private void proceed(FetchHandler handler, int version, int session) throws Exception {
    FetchRequestData next = fetch(session, 1);
    if (version >= 9) {
      addTo(next, "pipe", 5, 99, -1);
    }
    FetchResponseData response = ask(handler, version, next, FetchResponseData.class);
    assertEquals(NONE.code(), response.errorCode());
    assertEquals(session, response.sessionId());
    FetchResponseData stale = ask(handler, version, next, FetchResponseData.class);
    assertEquals(Errors.INVALID_FETCH_SESSION_EPOCH.code(), stale.errorCode());
    FetchResponseData lost = ask(handler, version, fetch(session + 1, 1), FetchResponseData.class);
    assertEquals(Errors.FETCH_SESSION_ID_NOT_FOUND.code(), lost.errorCode());
  }

  private static FetchRequestData fetch(int session, int epoch) {
    return new FetchRequestData()
        .setMaxWaitMs(0)
        .setMinBytes(1)
        .setSessionId(session)
        .setSessionEpoch(epoch);
  }

  private static void addTo(
      FetchRequestData request, String topic, long offset, int epoch, int lastEpoch) {
    FetchPartition partition =
        new FetchPartition()
            .setPartition(0)
            .setFetchOffset(offset)
            .setCurrentLeaderEpoch(epoch)
            .setLastFetchedEpoch(lastEpoch)
            .setPartitionMaxBytes(1 << 20);
    request
        .topics()
        .add(
            new FetchTopic()
                .setTopic(topic)
                .setTopicId(DataNode.kafkaIdOf(topic))
                .setPartitions(List.of(partition)));
  }

  private static List<PartitionData> partitions(FetchResponseData response) {
    return response.responses().stream().flatMap(t -> t.partitions().stream()).toList();
  }

  @Test
  void listOffsets() throws Exception {
    ListOffsetsHandler handler = new ListOffsetsHandler(node.partitions, Runnable::run);
    for (int version = 1; version <= handler.highestVersion(); version++) {
      for (long time : new long[] {-1, -2, -3, -4, -5, -6, -7, 0, Long.MAX_VALUE}) {
        ListOffsetsRequestData request = new ListOffsetsRequestData().setReplicaId(-1);
        addTo(request, "pipe", time, -1);
        addTo(request, "none", time, -1);
        addTo(request, "far", time, -1);
        addTo(request, "strict", time, version >= 4 ? 99 : -1);

        ListOffsetsResponseData response =
            ask(handler, version, request, ListOffsetsResponseData.class);

        assertEquals(version >= firstVersionOf(time) ? NONE : UNSUPPORTED_VERSION, first(response));
        assertEquals(
            UNKNOWN_SERVER_ERROR,
            first(
                WireExchange.failure(
                    node, handler, version, request, ListOffsetsResponseData.class)));
      }
      ListOffsetsRequestData request = new ListOffsetsRequestData().setReplicaId(-1);
      addTo(request, "pipe", 0, -1);
      assertEquals(
          REQUEST_TIMED_OUT,
          first(
              ask(
                  new ListOffsetsHandler(node.partitions, BUSY),
                  version,
                  request,
                  ListOffsetsResponseData.class)));
      addTo(request, "pipe", 0, -1);
      assertEquals(
          INVALID_REQUEST, first(ask(handler, version, request, ListOffsetsResponseData.class)));
    }
  }

  private static int firstVersionOf(long time) {
    return time >= -2 ? 1 : new int[] {7, 8, 9, 11, 99}[(int) (-3 - time)];
  }

  private static void addTo(ListOffsetsRequestData request, String topic, long time, int epoch) {
    ListOffsetsPartition partition =
        new ListOffsetsPartition()
            .setPartitionIndex(0)
            .setTimestamp(time)
            .setCurrentLeaderEpoch(epoch);
    request.topics().add(new ListOffsetsTopic().setName(topic).setPartitions(List.of(partition)));
  }

  private static Errors first(ListOffsetsResponseData response) {
    return Errors.forCode(response.topics().getFirst().partitions().getFirst().errorCode());
  }

  @Test
  void offsetForLeaderEpoch() throws Exception {
    OffsetForLeaderEpochHandler handler = new OffsetForLeaderEpochHandler(node.partitions);
    for (int version = 2; version <= handler.highestVersion(); version++) {
      OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
      for (String topic : List.of("pipe", "none", "far")) {
        request.topics().add(epochTopic(topic, -1));
      }
      request.topics().add(epochTopic("pipe", 99));

      OffsetForLeaderEpochResponseData response =
          ask(handler, version, request, OffsetForLeaderEpochResponseData.class);

      assertEquals(
          List.of(NONE, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, UNKNOWN_LEADER_EPOCH),
          errors(List.copyOf(response.topics()), t -> t.partitions().getFirst().errorCode()));
    }
  }

  private static OffsetForLeaderTopic epochTopic(String topic, int currentEpoch) {
    OffsetForLeaderPartition partition =
        new OffsetForLeaderPartition()
            .setPartition(0)
            .setCurrentLeaderEpoch(currentEpoch)
            .setLeaderEpoch(0);
    return new OffsetForLeaderTopic().setTopic(topic).setPartitions(List.of(partition));
  }

  @Test
  void deleteRecords() throws Exception {
    for (int version = 0; version <= 2; version++) {
      DeleteRecordsRequestData request = new DeleteRecordsRequestData().setTimeoutMs(100);
      List<String> topics = List.of("pipe", "none", "far");
      for (String topic : topics) {
        request.topics().add(deletion(topic, 2));
      }
      request.topics().add(deletion("pipe", 99));

      DeleteRecordsResponseData done =
          ask(
              new DeleteRecordsHandler(node.partitions, Runnable::run),
              version,
              request,
              DeleteRecordsResponseData.class);
      DeleteRecordsResponseData busy =
          ask(
              new DeleteRecordsHandler(node.partitions, BUSY),
              version,
              request,
              DeleteRecordsResponseData.class);

      assertEquals(
          List.of(NONE, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE),
          errorsOf(done));
      assertEquals(List.of(REQUEST_TIMED_OUT), errorsOf(busy).stream().distinct().toList());
    }
  }

  private static DeleteRecordsTopic deletion(String topic, long offset) {
    return new DeleteRecordsTopic()
        .setName(topic)
        .setPartitions(
            List.of(new DeleteRecordsPartition().setPartitionIndex(0).setOffset(offset)));
  }

  private static List<Errors> errorsOf(DeleteRecordsResponseData response) {
    return response.topics().stream()
        .map(topic -> Errors.forCode(topic.partitions().iterator().next().errorCode()))
        .toList();
  }

  @Test
  void initProducerId() throws Exception {
    InitProducerIdHandler handler =
        new InitProducerIdHandler(new ProducerIds(DataNode.SELF, node.plane::propose));
    for (int version = 0; version <= handler.highestVersion(); version++) {
      InitProducerIdRequestData request = new InitProducerIdRequestData().setTransactionalId(null);
      assertEquals(NONE, errorOf(ask(handler, version, request, InitProducerIdResponseData.class)));
      assertEquals(
          UNKNOWN_SERVER_ERROR,
          errorOf(
              WireExchange.failure(
                  node, handler, version, request, InitProducerIdResponseData.class)));
      request.setTransactionalId("mine");
      assertEquals(
          Errors.COORDINATOR_NOT_AVAILABLE,
          errorOf(ask(handler, version, request, InitProducerIdResponseData.class)));
    }
  }

  private static Errors errorOf(InitProducerIdResponseData response) {
    return Errors.forCode(response.errorCode());
  }

  @Test
  void describeProducers() throws Exception {
    node.append("pipe", 0, TestBatch.ofRecords(1).producer(9, 0, 0).build(), node.loop.wakeups());
    DescribeProducersRequestData request = new DescribeProducersRequestData();
    for (String topic : List.of("pipe", "none", "far")) {
      request
          .topics()
          .add(new TopicRequest().setName(topic).setPartitionIndexes(new ArrayList<>(List.of(0))));
    }

    DescribeProducersResponseData response =
        ask(
            new DescribeProducersHandler(node.partitions),
            0,
            request,
            DescribeProducersResponseData.class);

    assertEquals(
        List.of(NONE, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER),
        errors(response.topics(), topic -> topic.partitions().getFirst().errorCode()));
    assertEquals(
        9,
        response
            .topics()
            .getFirst()
            .partitions()
            .getFirst()
            .activeProducers()
            .getFirst()
            .producerId());
  }
}
