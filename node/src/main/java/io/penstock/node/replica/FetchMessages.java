package io.penstock.node.replica;

import io.penstock.client.wire.WireRecords;
import io.penstock.replication.follower.FetchProblem;
import io.penstock.replication.follower.FetchedPartition;
import io.penstock.replication.follower.PartitionFetch;
import io.penstock.replication.follower.ReplicaFetch;
import io.penstock.replication.follower.ReplicaKey;
import io.penstock.storage.epoch.EpochEnd;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A follower's fetch in Kafka's words, and what Kafka's words mean to a follower. Pure. */
final class FetchMessages {

  private static final ByteBuffer NO_RECORDS = ByteBuffer.allocateDirect(0);

  private FetchMessages() {}

  /** The order of the partitions is kept as far as topics allow: it is the order of reading. */
  static FetchRequestData request(int nodeId, ReplicaFetch fetch, int sessionId, int epoch) {
    return new FetchRequestData()
        .setReplicaState(
            new ReplicaState().setReplicaId(nodeId).setReplicaEpoch(fetch.brokerEpoch()))
        .setMaxWaitMs(fetch.maxWaitMs())
        .setMinBytes(fetch.minBytes())
        .setMaxBytes(fetch.maxBytes())
        .setSessionId(sessionId)
        .setSessionEpoch(epoch)
        .setTopics(topics(fetch.changed()))
        .setForgottenTopicsData(forgotten(fetch.forgotten()));
  }

  private static List<FetchTopic> topics(List<PartitionFetch> partitions) {
    Map<UUID, FetchTopic> topics = new LinkedHashMap<>();
    for (PartitionFetch each : partitions) {
      topics
          .computeIfAbsent(each.key().topicId(), id -> new FetchTopic().setTopicId(kafkaId(id)))
          .partitions()
          .add(
              new FetchPartition()
                  .setPartition(each.key().partition())
                  .setCurrentLeaderEpoch(each.leaderEpoch())
                  .setFetchOffset(each.fetchOffset())
                  .setLastFetchedEpoch(each.lastFetchedEpoch())
                  .setLogStartOffset(each.logStartOffset())
                  .setPartitionMaxBytes(each.maxBytes()));
    }
    return List.copyOf(topics.values());
  }

  private static List<ForgottenTopic> forgotten(List<ReplicaKey> keys) {
    Map<UUID, ForgottenTopic> topics = new LinkedHashMap<>();
    for (ReplicaKey key : keys) {
      topics
          .computeIfAbsent(key.topicId(), id -> new ForgottenTopic().setTopicId(kafkaId(id)))
          .partitions()
          .add(key.partition());
    }
    return List.copyOf(topics.values());
  }

  /** The records are views on the buffer of the response. */
  static List<FetchedPartition> partitions(FetchResponseData response) {
    List<FetchedPartition> partitions = new ArrayList<>();
    for (FetchableTopicResponse topic : response.responses()) {
      UUID topicId =
          new UUID(
              topic.topicId().getMostSignificantBits(), topic.topicId().getLeastSignificantBits());
      for (PartitionData each : topic.partitions()) {
        partitions.add(partition(new ReplicaKey(topicId, each.partitionIndex()), each));
      }
    }
    return partitions;
  }

  private static FetchedPartition partition(ReplicaKey key, PartitionData data) {
    ByteBuffer records = WireRecords.bytesOf(data.records());
    return new FetchedPartition(
        key,
        problem(Errors.forCode(data.errorCode())),
        data.highWatermark(),
        data.logStartOffset(),
        diverging(data.divergingEpoch()),
        records == null ? NO_RECORDS.duplicate() : records);
  }

  private static @Nullable EpochEnd diverging(EpochEndOffset told) {
    return told.epoch() < 0 && told.endOffset() < 0
        ? null
        : new EpochEnd(told.epoch(), told.endOffset());
  }

  static FetchProblem problem(Errors error) {
    return switch (error) {
      case NONE -> FetchProblem.NONE;
      case NOT_LEADER_OR_FOLLOWER -> FetchProblem.NOT_LEADER;
      case FENCED_LEADER_EPOCH -> FetchProblem.FENCED_LEADER_EPOCH;
      case UNKNOWN_LEADER_EPOCH -> FetchProblem.UNKNOWN_LEADER_EPOCH;
      case UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, INCONSISTENT_TOPIC_ID ->
          FetchProblem.UNKNOWN_PARTITION;
      case OFFSET_OUT_OF_RANGE -> FetchProblem.OFFSET_OUT_OF_RANGE;
      case KAFKA_STORAGE_ERROR, CORRUPT_MESSAGE -> FetchProblem.STORAGE_FAILED;
      default -> FetchProblem.OTHER;
    };
  }

  private static Uuid kafkaId(UUID id) {
    return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }
}
