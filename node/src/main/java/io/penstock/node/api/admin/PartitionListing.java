package io.penstock.node.api.admin;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.protocol.Errors;

/** Partitions of the image in the words of the APIs that list them. Pure. */
final class PartitionListing {

  private PartitionListing() {}

  static List<MetadataResponsePartition> forMetadata(TopicImage topic, LeadershipImage image) {
    List<MetadataResponsePartition> listed = new ArrayList<>(topic.partitionCount());
    for (int index = 0; index < topic.partitionCount(); index++) {
      PartitionImage partition = topic.partitions().get(index);
      listed.add(
          new MetadataResponsePartition()
              .setErrorCode(error(partition).code())
              .setPartitionIndex(index)
              .setLeaderId(partition.leader())
              .setLeaderEpoch(partition.leaderEpoch())
              .setReplicaNodes(partition.replicas().toList())
              .setIsrNodes(partition.isr().toList())
              .setOfflineReplicas(offline(partition, image)));
    }
    return listed;
  }

  static DescribeTopicPartitionsResponsePartition forDescription(
      PartitionImage partition, int index, LeadershipImage image) {
    return new DescribeTopicPartitionsResponsePartition()
        .setErrorCode(error(partition).code())
        .setPartitionIndex(index)
        .setLeaderId(partition.leader())
        .setLeaderEpoch(partition.leaderEpoch())
        .setReplicaNodes(partition.replicas().toList())
        .setIsrNodes(partition.isr().toList())
        .setEligibleLeaderReplicas(partition.elr().toList())
        .setLastKnownElr(List.of())
        .setOfflineReplicas(offline(partition, image));
  }

  private static Errors error(PartitionImage partition) {
    return partition.hasLeader() ? Errors.NONE : Errors.LEADER_NOT_AVAILABLE;
  }

  private static List<Integer> offline(PartitionImage partition, LeadershipImage image) {
    return partition.replicas().filter(id -> isOffline(image.broker(id))).toList();
  }

  private static boolean isOffline(@org.jspecify.annotations.Nullable BrokerImage broker) {
    return broker == null || broker.fenced();
  }
}
