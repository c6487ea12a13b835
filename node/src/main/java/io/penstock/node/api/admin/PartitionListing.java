package io.penstock.node.api.admin;

import io.penstock.node.api.KnownLeaders;
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

  static List<MetadataResponsePartition> forMetadata(TopicImage topic, KnownLeaders known) {
    List<MetadataResponsePartition> listed = new ArrayList<>(topic.partitionCount());
    for (int index = 0; index < topic.partitionCount(); index++) {
      PartitionImage partition = topic.partitions().get(index);
      int leader = known.leaderOf(partition);
      listed.add(
          new MetadataResponsePartition()
              .setErrorCode(error(leader).code())
              .setPartitionIndex(index)
              .setLeaderId(leader)
              .setLeaderEpoch(partition.leaderEpoch())
              .setReplicaNodes(partition.replicas().toList())
              .setIsrNodes(partition.isr().toList())
              .setOfflineReplicas(offline(partition, known)));
    }
    return listed;
  }

  static DescribeTopicPartitionsResponsePartition forDescription(
      PartitionImage partition, int index, KnownLeaders known) {
    int leader = known.leaderOf(partition);
    return new DescribeTopicPartitionsResponsePartition()
        .setErrorCode(error(leader).code())
        .setPartitionIndex(index)
        .setLeaderId(leader)
        .setLeaderEpoch(partition.leaderEpoch())
        .setReplicaNodes(partition.replicas().toList())
        .setIsrNodes(partition.isr().toList())
        .setEligibleLeaderReplicas(partition.elr().toList())
        .setLastKnownElr(List.of())
        .setOfflineReplicas(offline(partition, known));
  }

  private static Errors error(int leader) {
    return leader == PartitionImage.NO_LEADER ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE;
  }

  private static List<Integer> offline(PartitionImage partition, KnownLeaders known) {
    return partition.replicas().filter(id -> !known.lists(id)).toList();
  }
}
