package io.penstock.replication.leadership;

import java.util.UUID;

/** What a command changed, in the order of the changes: for logs, counters and scenario tests. */
public sealed interface LeadershipEvent {

  record BrokerRegistered(BrokerImage broker, boolean cleanStart) implements LeadershipEvent {}

  record BrokerUnfenced(int brokerId, long brokerEpoch) implements LeadershipEvent {}

  record BrokerFenced(int brokerId, long brokerEpoch) implements LeadershipEvent {}

  record BrokerDraining(int brokerId, long brokerEpoch) implements LeadershipEvent {}

  record BrokerUnregistered(int brokerId) implements LeadershipEvent {}

  record TopicCreated(TopicImage topic) implements LeadershipEvent {}

  record TopicDeleted(TopicImage topic) implements LeadershipEvent {}

  /** Partitions {@code from} to the last one of {@code topic} are new. */
  record PartitionsCreated(TopicImage topic, int from) implements LeadershipEvent {}

  record MinInsyncReplicasSet(String topic, UUID topicId, int minInsyncReplicas)
      implements LeadershipEvent {}

  record PartitionChanged(
      String topic, UUID topicId, int partition, PartitionImage before, PartitionImage after)
      implements LeadershipEvent {}
}
