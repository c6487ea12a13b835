package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.PartitionRef;
import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.value.ControlError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Elections that an operator or the balancer asks for. */
@SuppressWarnings("ReferenceEquality") // the same partition means: nothing changed
final class ElectionRules {

  private ElectionRules() {}

  static PartitionsResult elect(ImageEditor editor, ElectLeaders command) {
    List<PartitionOutcome> outcomes = new ArrayList<>();
    LeadershipImage image = editor.image();
    IntPredicate canLead = BrokerRules.canLead(image);
    if (!command.partitions().isEmpty()) {
      for (PartitionRef ref : command.partitions()) {
        outcomes.add(elect(editor, command.kind(), image.topic(ref.topicId()), ref, canLead));
      }
      return new PartitionsResult(outcomes);
    }
    // All: those that need none are not reported.
    for (Map.Entry<UUID, TopicImage> entry : image.topicsById()) {
      TopicImage topic = entry.getValue();
      for (int i = 0; i < topic.partitionCount(); i++) {
        PartitionOutcome outcome =
            elect(editor, command.kind(), topic, new PartitionRef(entry.getKey(), i), canLead);
        if (outcome.error() != ControlError.ELECTION_NOT_NEEDED) {
          outcomes.add(outcome);
        }
      }
    }
    return new PartitionsResult(outcomes);
  }

  private static PartitionOutcome elect(
      ImageEditor editor,
      ElectionKind kind,
      @Nullable TopicImage topic,
      PartitionRef ref,
      IntPredicate canLead) {
    if (topic == null) {
      return outcome(ref, ControlError.UNKNOWN_TOPIC, -1, -1);
    }
    PartitionImage before = editor.partition(topic, ref.partition());
    if (before == null) {
      return outcome(ref, ControlError.UNKNOWN_PARTITION, -1, -1);
    }
    if (!isNeeded(kind, before)) {
      return outcome(
          ref, ControlError.ELECTION_NOT_NEEDED, before.leaderEpoch(), before.partitionEpoch());
    }
    PartitionImage after =
        switch (kind) {
          case PREFERRED -> preferred(before, canLead);
          case UNCLEAN -> unclean(before, topic.minInsyncReplicas(), canLead);
        };
    editor.changePartition(topic, ref.partition(), before, after);
    ControlError error = after == before ? ControlError.NO_ELIGIBLE_LEADER : ControlError.NONE;
    return outcome(ref, error, after.leaderEpoch(), after.partitionEpoch());
  }

  private static boolean isNeeded(ElectionKind kind, PartitionImage partition) {
    return switch (kind) {
      case PREFERRED -> partition.leader() != partition.replicas().get(0);
      case UNCLEAN -> !partition.hasLeader();
    };
  }

  private static PartitionImage preferred(PartitionImage partition, IntPredicate canLead) {
    int preferred = partition.replicas().get(0);
    return partition.isr().contains(preferred) && !partition.bereft() && canLead.test(preferred)
        ? LeaderChoice.withLeader(partition, preferred)
        : partition;
  }

  private static PartitionImage unclean(
      PartitionImage partition, int minInsync, IntPredicate canLead) {
    PartitionImage clean = LeaderChoice.electIfNeeded(partition, minInsync, canLead);
    if (clean != partition) {
      return clean;
    }
    // Who came back without its disk has nothing; the others may have something.
    for (int candidate : partition.replicas().toList()) {
      boolean isEmpty = partition.bereft() && partition.isr().contains(candidate);
      if (!isEmpty && canLead.test(candidate)) {
        return LeaderChoice.unclean(partition, candidate);
      }
    }
    int last = partition.isr().get(0);
    return partition.bereft() && canLead.test(last)
        ? LeaderChoice.unclean(partition, last)
        : partition;
  }

  private static PartitionOutcome outcome(
      PartitionRef ref, ControlError error, int leaderEpoch, int partitionEpoch) {
    return new PartitionOutcome(ref.topicId(), ref.partition(), error, leaderEpoch, partitionEpoch);
  }
}
