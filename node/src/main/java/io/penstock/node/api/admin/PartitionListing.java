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

  /**
   * @param doubtfulLeader of whom it is not known whether it leads what the image says, or {@link
   *     PartitionImage#NO_LEADER}: what it leads has no leader then, so that clients ask elsewhere
   */
  static List<MetadataResponsePartition> forMetadata(
      TopicImage topic, LeadershipImage image, int doubtfulLeader) {
    List<MetadataResponsePartition> listed = new ArrayList<>(topic.partitionCount());
    for (int index = 0; index < topic.partitionCount(); index++) {
      PartitionImage partition = topic.partitions().get(index);
      int leader = leader(partition, doubtfulLeader);
      listed.add(
          new MetadataResponsePartition()
              .setErrorCode(error(leader).code())
              .setPartitionIndex(index)
              .setLeaderId(leader)
              .setLeaderEpoch(partition.leaderEpoch())
              .setReplicaNodes(partition.replicas().toList())
              .setIsrNodes(partition.isr().toList())
              .setOfflineReplicas(offline(partition, image)));
    }
    return listed;
  }

  /**
   * @param doubtfulLeader as in {@link #forMetadata}
   */
  static DescribeTopicPartitionsResponsePartition forDescription(
      PartitionImage partition, int index, LeadershipImage image, int doubtfulLeader) {
    int leader = leader(partition, doubtfulLeader);
    return new DescribeTopicPartitionsResponsePartition()
        .setErrorCode(error(leader).code())
        .setPartitionIndex(index)
        .setLeaderId(leader)
        .setLeaderEpoch(partition.leaderEpoch())
        .setReplicaNodes(partition.replicas().toList())
        .setIsrNodes(partition.isr().toList())
        .setEligibleLeaderReplicas(partition.elr().toList())
        .setLastKnownElr(List.of())
        .setOfflineReplicas(offline(partition, image));
  }

  private static int leader(PartitionImage partition, int doubtfulLeader) {
    return partition.leader() == doubtfulLeader ? PartitionImage.NO_LEADER : partition.leader();
  }

  private static Errors error(int leader) {
    return leader == PartitionImage.NO_LEADER ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE;
  }

  private static List<Integer> offline(PartitionImage partition, LeadershipImage image) {
    return partition.replicas().filter(id -> isOffline(image.broker(id))).toList();
  }

  private static boolean isOffline(@org.jspecify.annotations.Nullable BrokerImage broker) {
    return broker == null || broker.fenced();
  }
}
