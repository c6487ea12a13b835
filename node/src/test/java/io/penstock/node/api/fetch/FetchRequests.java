package io.penstock.node.api.fetch;

import io.penstock.node.api.DataNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;

/** Builds fetch requests of a consumer; each partition carries its topic's name and id. */
final class FetchRequests {

  private final FetchRequestData request =
      new FetchRequestData()
          .setReplicaId(-1)
          .setMaxWaitMs(0)
          .setMinBytes(1)
          .setMaxBytes(Integer.MAX_VALUE)
          .setSessionId(0)
          .setSessionEpoch(-1)
          .setTopics(new ArrayList<>());

  static FetchRequests fetch() {
    return new FetchRequests();
  }

  FetchRequests waiting(int maxWaitMs, int minBytes) {
    request.setMaxWaitMs(maxWaitMs).setMinBytes(minBytes);
    return this;
  }

  FetchRequests maxBytes(int bytes) {
    request.setMaxBytes(bytes);
    return this;
  }

  FetchRequests readCommitted() {
    request.setIsolationLevel((byte) 1);
    return this;
  }

  FetchRequests rack(String rack) {
    request.setRackId(rack);
    return this;
  }

  FetchRequests session(int id, int epoch) {
    request.setSessionId(id).setSessionEpoch(epoch);
    return this;
  }

  FetchRequests replica(int id) {
    request.setReplicaId(id);
    request.replicaState().setReplicaId(id);
    return this;
  }

  FetchRequests replica(int id, long brokerEpoch) {
    replica(id);
    request.replicaState().setReplicaEpoch(brokerEpoch);
    return this;
  }

  FetchRequests from(String topic, int partition, long offset) {
    return from(topic, partition, offset, -1, 1 << 20);
  }

  FetchRequests from(
      String topic, int partition, long offset, int leaderEpoch, int partitionMaxBytes) {
    request
        .topics()
        .add(
            new FetchTopic()
                .setTopic(topic)
                .setTopicId(DataNode.kafkaIdOf(topic))
                .setPartitions(
                    List.of(
                        new FetchPartition()
                            .setPartition(partition)
                            .setFetchOffset(offset)
                            .setCurrentLeaderEpoch(leaderEpoch)
                            .setPartitionMaxBytes(partitionMaxBytes))));
    return this;
  }

  FetchRequests forget(String topic, int partition) {
    List<ForgottenTopic> forgotten = new ArrayList<>(request.forgottenTopicsData());
    forgotten.add(
        new ForgottenTopic()
            .setTopic(topic)
            .setTopicId(DataNode.kafkaIdOf(topic))
            .setPartitions(List.of(partition)));
    request.setForgottenTopicsData(forgotten);
    return this;
  }

  FetchRequestData build() {
    return request;
  }
}
