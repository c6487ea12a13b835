package io.penstock.client;

import io.penstock.client.net.Endpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Metadata requests and answers of every version, to and from this package's records. Pure. */
final class MetadataMessages {

  private static final int FIRST_WITHOUT_AUTO_CREATION = 4;

  private MetadataMessages() {}

  /** Asks for some topics, or for all where there is no collection; never creates one. */
  static MetadataRequestData request(@Nullable Collection<String> topics, int version) {
    MetadataRequestData request = new MetadataRequestData();
    if (version >= FIRST_WITHOUT_AUTO_CREATION) {
      request.setAllowAutoTopicCreation(false);
    }
    if (topics == null) {
      // Version 0 says "all" by an empty list.
      return request.setTopics(version == 0 ? List.of() : null);
    }
    List<MetadataRequestTopic> named = new ArrayList<>(topics.size());
    for (String topic : topics) {
      named.add(new MetadataRequestTopic().setName(topic));
    }
    return request.setTopics(named);
  }

  static ClusterSnapshot snapshot(MetadataResponseData response) {
    Map<Integer, Endpoint> brokers = new TreeMap<>();
    response.brokers().forEach(b -> brokers.put(b.nodeId(), new Endpoint(b.host(), b.port())));
    Map<String, TopicDescription> topics = new TreeMap<>();
    for (MetadataResponseTopic topic : response.topics()) {
      if (topic.errorCode() == Errors.NONE.code() && topic.name() != null) {
        topics.put(topic.name(), description(topic));
      }
    }
    String clusterId = response.clusterId();
    return new ClusterSnapshot(
        clusterId == null ? "" : clusterId,
        response.controllerId(),
        Map.copyOf(brokers),
        Collections.unmodifiableMap(topics));
  }

  /** What the broker refused to tell, by topic. */
  static Map<String, Errors> refusals(MetadataResponseData response) {
    Map<String, Errors> refusals = new TreeMap<>();
    for (MetadataResponseTopic topic : response.topics()) {
      if (topic.errorCode() != Errors.NONE.code() && topic.name() != null) {
        refusals.put(topic.name(), Errors.forCode(topic.errorCode()));
      }
    }
    return refusals;
  }

  private static TopicDescription description(MetadataResponseTopic topic) {
    List<PartitionDescription> partitions = new ArrayList<>(topic.partitions().size());
    for (MetadataResponsePartition each : topic.partitions()) {
      partitions.add(
          new PartitionDescription(
              each.partitionIndex(),
              each.leaderId(),
              each.leaderEpoch(),
              List.copyOf(each.replicaNodes()),
              List.copyOf(each.isrNodes())));
    }
    partitions.sort(Comparator.comparingInt(PartitionDescription::index));
    return new TopicDescription(
        topic.name(), uuid(topic.topicId()), topic.isInternal(), List.copyOf(partitions));
  }

  static UUID uuid(Uuid id) {
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }
}
