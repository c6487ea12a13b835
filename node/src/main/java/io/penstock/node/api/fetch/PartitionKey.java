package io.penstock.node.api.fetch;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.PartitionLookup;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.partition.PartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A partition as a fetch names it: by topic id since version 13, by topic name before. Exactly one
 * of the two is set.
 */
record PartitionKey(@Nullable String topic, @Nullable Uuid topicId, int partition) {

  @Nullable PartitionReplica find(PartitionLookup partitions) {
    if (topicId != null) {
      return partitions.find(topicId, partition);
    }
    return topic == null ? null : partitions.find(topic, partition);
  }

  /** What the cluster agrees on about it, or null where there is no such. */
  @Nullable PartitionImage image(LeadershipImage cluster) {
    TopicImage named =
        topicId != null
            ? cluster.topic(KafkaIds.fromKafka(topicId))
            : topic == null ? null : cluster.topic(topic);
    return named == null ? null : named.partition(partition);
  }

  Errors whyMissing(PartitionLookup partitions) {
    if (topicId != null) {
      return partitions.whyMissing(topicId, partition);
    }
    return topic == null
        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
        : partitions.whyMissing(topic, partition);
  }

  boolean isSameTopic(PartitionKey other) {
    return topicId != null
        ? topicId.equals(other.topicId)
        : topic != null && topic.equals(other.topic);
  }
}
