package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.List;

/**
 * A partition leader asks for another ISR. Taken only if it is the leader under exactly these
 * epochs and every member is alive under the epoch it was seen with, so that no broker needs a
 * fresh view to be safe.
 */
final class IsrRules {

  private IsrRules() {}

  static LeadershipResult change(ImageEditor editor, ChangeIsr command) {
    LeadershipImage image = editor.image();
    BrokerImage broker = image.broker(command.brokerId());
    if (broker == null) {
      return new Refused(
          ControlError.UNKNOWN_BROKER, "broker " + command.brokerId() + " is not registered");
    }
    if (broker.epoch() != command.brokerEpoch()) {
      return new Refused(ControlError.STALE_BROKER_EPOCH, "the current epoch is " + broker.epoch());
    }
    if (broker.fenced()) {
      return new Refused(ControlError.BROKER_FENCED, "broker " + broker.id() + " is fenced");
    }
    List<PartitionOutcome> outcomes = new ArrayList<>(command.changes().size());
    for (IsrChange change : command.changes()) {
      outcomes.add(change(editor, image, broker.id(), change));
    }
    return new PartitionsResult(outcomes);
  }

  private static PartitionOutcome change(
      ImageEditor editor, LeadershipImage image, int brokerId, IsrChange change) {
    TopicImage topic = image.topic(change.topicId());
    if (topic == null) {
      return new PartitionOutcome(
          change.topicId(), change.partition(), ControlError.UNKNOWN_TOPIC, -1, -1);
    }
    PartitionImage partition = editor.partition(topic, change.partition());
    if (partition == null) {
      return new PartitionOutcome(
          change.topicId(), change.partition(), ControlError.UNKNOWN_PARTITION, -1, -1);
    }
    ControlError error = problemOf(image, partition, brokerId, change);
    if (error.isNone()) {
      PartitionImage after =
          LeaderChoice.afterIsrChange(partition, members(change), topic.minInsyncReplicas());
      editor.changePartition(topic, change.partition(), partition, after);
      partition = after;
    }
    return new PartitionOutcome(
        change.topicId(),
        change.partition(),
        error,
        partition.leaderEpoch(),
        partition.partitionEpoch());
  }

  private static ControlError problemOf(
      LeadershipImage image, PartitionImage partition, int brokerId, IsrChange change) {
    if (change.leaderEpoch() != partition.leaderEpoch()) {
      return change.leaderEpoch() < partition.leaderEpoch()
          ? ControlError.FENCED_LEADER_EPOCH
          : ControlError.UNKNOWN_LEADER_EPOCH;
    }
    if (partition.leader() != brokerId) {
      return ControlError.NOT_LEADER;
    }
    if (change.partitionEpoch() != partition.partitionEpoch()) {
      return ControlError.STALE_PARTITION_EPOCH;
    }
    NodeIds asked = members(change);
    if (asked.hasDuplicates()
        || !asked.contains(brokerId)
        || !partition.replicas().containsAll(asked)) {
      return ControlError.INVALID_REQUEST;
    }
    for (IsrMember member : change.isr()) {
      BrokerImage broker = image.broker(member.brokerId());
      if (broker == null || broker.epoch() != member.brokerEpoch() || broker.fenced()) {
        return ControlError.INELIGIBLE_REPLICA;
      }
      if (broker.draining() && !partition.isr().contains(broker.id())) {
        return ControlError.INELIGIBLE_REPLICA;
      }
    }
    return ControlError.NONE;
  }

  private static NodeIds members(IsrChange change) {
    return NodeIds.of(change.isr().stream().mapToInt(IsrMember::brokerId).toArray());
  }
}
