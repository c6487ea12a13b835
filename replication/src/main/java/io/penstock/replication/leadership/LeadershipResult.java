package io.penstock.replication.leadership;

import io.penstock.replication.value.ControlError;
import java.util.List;
import java.util.UUID;

/**
 * What became of a {@link LeadershipCommand}: computed where it was applied, never an exception.
 */
public sealed interface LeadershipResult {

  /** Of a command about one broker; {@code brokerEpoch} is its current epoch, or -1. */
  record BrokerResult(ControlError error, String message, long brokerEpoch)
      implements LeadershipResult {}

  /** Of a command about topics: one outcome for each, in the order asked. */
  record TopicsResult(List<TopicOutcome> topics) implements LeadershipResult {
    public TopicsResult {
      topics = List.copyOf(topics);
    }
  }

  /** Of a command about partitions: one outcome for each, in the order asked. */
  record PartitionsResult(List<PartitionOutcome> partitions) implements LeadershipResult {
    public PartitionsResult {
      partitions = List.copyOf(partitions);
    }
  }

  /** The command as a whole was refused, before any of its parts was looked at. */
  record Refused(ControlError error, String message) implements LeadershipResult {}

  /** One topic: {@code error} is NONE if it was done. The name is empty if nobody knows it. */
  record TopicOutcome(String name, UUID topicId, ControlError error, String message) {}

  /** One partition, with its epochs after the command (-1 where there is no such partition). */
  record PartitionOutcome(
      UUID topicId, int partition, ControlError error, int leaderEpoch, int partitionEpoch) {}
}
