package io.penstock.replication.leadership;

import static io.penstock.replication.leadership.PartitionImage.NO_LEADER;

import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipEvent.MinInsyncReplicasSet;
import io.penstock.replication.leadership.LeadershipEvent.PartitionsCreated;
import io.penstock.replication.leadership.LeadershipEvent.TopicCreated;
import io.penstock.replication.leadership.LeadershipEvent.TopicDeleted;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.NodeIds;
import io.penstock.replication.value.PersistentList;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Topics and partitions come and go. */
final class TopicRules {

  private static final UUID NO_ID = new UUID(0, 0);

  private TopicRules() {}

  static TopicsResult createTopics(ImageEditor editor, CreateTopics command) {
    List<TopicOutcome> outcomes = new ArrayList<>(command.topics().size());
    for (NewTopic topic : command.topics()) {
      outcomes.add(createTopic(editor, topic));
    }
    return new TopicsResult(outcomes);
  }

  private static TopicOutcome createTopic(ImageEditor editor, NewTopic asked) {
    LeadershipImage image = editor.image();
    TopicImage existing = image.topic(asked.id());
    if (existing != null && existing.name().equals(asked.name())) {
      return done(existing); // asked again, since the first answer was lost
    }
    Problem problem = problemOf(image, asked);
    if (problem != null) {
      return new TopicOutcome(asked.name(), asked.id(), problem.error, problem.message);
    }
    List<NodeIds> assignments = asked.assignments();
    if (!asked.isAssigned()) {
      assignments = place(editor, List.of(), asked.partitionCount(), asked.replicationFactor());
    }
    List<PartitionImage> partitions =
        newPartitions(editor.image(), assignments, asked.firstLeaderEpoch());
    TopicImage topic =
        new TopicImage(asked.name(), asked.id(), asked.minInsyncReplicas(), partitions);
    editor.replace(editor.image().withTopic(topic), new TopicCreated(topic));
    return done(topic);
  }

  static TopicsResult deleteTopics(ImageEditor editor, DeleteTopics command) {
    List<TopicOutcome> outcomes = new ArrayList<>(command.topicIds().size());
    for (UUID id : command.topicIds()) {
      TopicImage topic = editor.image().topic(id);
      if (topic == null) {
        outcomes.add(unknown(id));
      } else {
        editor.replace(editor.image().withoutTopic(topic), new TopicDeleted(topic));
        outcomes.add(done(topic));
      }
    }
    return new TopicsResult(outcomes);
  }

  static TopicsResult createPartitions(ImageEditor editor, CreatePartitions command) {
    TopicImage topic = editor.image().topic(command.topicId());
    if (topic == null) {
      return new TopicsResult(List.of(unknown(command.topicId())));
    }
    int from = topic.partitionCount();
    int added = command.newCount() - from;
    List<NodeIds> assignments = command.assignments();
    Problem problem = problemOfNewPartitions(editor.image(), topic, command);
    if (problem != null) {
      return new TopicsResult(
          List.of(new TopicOutcome(topic.name(), topic.id(), problem.error, problem.message)));
    }
    if (assignments.isEmpty()) {
      int factor = topic.partitions().getFirst().replicas().size();
      assignments = place(editor, topic.partitions(), added, factor);
    }
    List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
    partitions.addAll(newPartitions(editor.image(), assignments, 0));
    TopicImage grown = topic.withPartitions(PersistentList.copyOf(partitions));
    editor.replace(editor.image().withTopic(grown), new PartitionsCreated(grown, from));
    return new TopicsResult(List.of(done(grown)));
  }

  static TopicsResult setMinInsyncReplicas(ImageEditor editor, SetMinInsyncReplicas command) {
    TopicImage topic = editor.image().topic(command.topicId());
    if (topic == null) {
      return new TopicsResult(List.of(unknown(command.topicId())));
    }
    int minimum = command.minInsyncReplicas();
    if (minimum < 1) {
      String text = "min.insync.replicas is " + minimum + ", less than 1";
      return new TopicsResult(
          List.of(new TopicOutcome(topic.name(), topic.id(), ControlError.INVALID_CONFIG, text)));
    }
    if (minimum != topic.minInsyncReplicas()) {
      TopicImage set = new TopicImage(topic.name(), topic.id(), minimum, topic.partitions());
      editor.replace(
          editor.image().withTopic(set),
          new MinInsyncReplicasSet(topic.name(), topic.id(), minimum));
      TopicImage changed =
          editor.changeTopic(
              set, (_, partition) -> LeaderChoice.afterMinInsyncChange(partition, minimum));
      editor.replaceTopic(changed);
    }
    return new TopicsResult(List.of(done(topic)));
  }

  /** What is wrong with a topic to be created. */
  private record Problem(ControlError error, String message) {}

  private static @Nullable Problem problemOf(LeadershipImage image, NewTopic asked) {
    String illegal = TopicNames.problemOf(asked.name());
    if (illegal != null) {
      return new Problem(ControlError.INVALID_TOPIC_NAME, illegal);
    }
    if (image.topic(asked.name()) != null) {
      String text = "topic '" + asked.name() + "' already exists";
      return new Problem(ControlError.TOPIC_ALREADY_EXISTS, text);
    }
    String other = image.topicCollidingWith(asked.name());
    if (other != null) {
      String text = "topic '" + asked.name() + "' collides with '" + other + "' in metric names";
      return new Problem(ControlError.INVALID_TOPIC_NAME, text);
    }
    if (asked.id().equals(NO_ID) || image.topic(asked.id()) != null) {
      return new Problem(ControlError.INVALID_REQUEST, "topic id " + asked.id() + " is taken");
    }
    if (asked.firstLeaderEpoch() < 0) {
      return new Problem(ControlError.INVALID_REQUEST, "the first leader epoch is negative");
    }
    if (asked.minInsyncReplicas() < 1) {
      String text = "min.insync.replicas is " + asked.minInsyncReplicas() + ", less than 1";
      return new Problem(ControlError.INVALID_CONFIG, text);
    }
    if (asked.isAssigned()) {
      Problem count = problemOfCount(image, asked.assignments().size());
      return count != null ? count : problemOfAssignments(image, asked.assignments());
    }
    Problem count = problemOfCount(image, asked.partitionCount());
    return count != null ? count : problemOfFactor(image, asked.replicationFactor());
  }

  private static @Nullable Problem problemOfNewPartitions(
      LeadershipImage image, TopicImage topic, CreatePartitions command) {
    int added = command.newCount() - topic.partitionCount();
    if (added <= 0) {
      String text =
          "topic '" + topic.name() + "' has " + topic.partitionCount() + " partitions already";
      return new Problem(ControlError.INVALID_PARTITIONS, text);
    }
    Problem count = problemOfCount(image, added);
    if (count != null) {
      return count;
    }
    if (command.assignments().isEmpty()) {
      return problemOfFactor(image, topic.partitions().getFirst().replicas().size());
    }
    if (command.assignments().size() != added) {
      String text =
          added + " partitions are new, but " + command.assignments().size() + " are assigned";
      return new Problem(ControlError.INVALID_REPLICA_ASSIGNMENT, text);
    }
    if (command.assignments().getFirst().size()
        != topic.partitions().getFirst().replicas().size()) {
      String text = "the new partitions have another replication factor than partition 0";
      return new Problem(ControlError.INVALID_REPLICA_ASSIGNMENT, text);
    }
    return problemOfAssignments(image, command.assignments());
  }

  private static @Nullable Problem problemOfCount(LeadershipImage image, int added) {
    if (added < 1) {
      return new Problem(ControlError.INVALID_PARTITIONS, "the number of partitions is below 1");
    }
    if (added > LeadershipLimits.PARTITIONS_ADDED_MAX) {
      String text =
          added + " partitions at once, more than " + LeadershipLimits.PARTITIONS_ADDED_MAX;
      return new Problem(ControlError.INVALID_PARTITIONS, text);
    }
    if (image.partitionCount() + (long) added > LeadershipLimits.PARTITIONS_MAX) {
      String text =
          "the cluster would have more than " + LeadershipLimits.PARTITIONS_MAX + " partitions";
      return new Problem(ControlError.LIMIT_EXCEEDED, text);
    }
    return null;
  }

  private static @Nullable Problem problemOfFactor(LeadershipImage image, int factor) {
    if (factor < 1 || factor > LeadershipLimits.REPLICAS_MAX) {
      String text =
          "replication factor " + factor + " is not from 1 to " + LeadershipLimits.REPLICAS_MAX;
      return new Problem(ControlError.INVALID_REPLICATION_FACTOR, text);
    }
    if (image.brokers().stream().noneMatch(BrokerImage::canLead)) {
      String text = "replication factor " + factor + " with 0 brokers available";
      return new Problem(ControlError.INVALID_REPLICATION_FACTOR, text);
    }
    int registered = image.brokers().size();
    if (factor > registered) {
      String text = "replication factor " + factor + " with " + registered + " brokers registered";
      return new Problem(ControlError.INVALID_REPLICATION_FACTOR, text);
    }
    return null;
  }

  private static @Nullable Problem problemOfAssignments(
      LeadershipImage image, List<NodeIds> assignments) {
    for (int i = 0; i < assignments.size(); i++) {
      NodeIds replicas = assignments.get(i);
      String problem = null;
      if (replicas.isEmpty()) {
        problem = "no replicas";
      } else if (replicas.size() > LeadershipLimits.REPLICAS_MAX) {
        problem = "more than " + LeadershipLimits.REPLICAS_MAX + " replicas";
      } else if (replicas.hasDuplicates()) {
        problem = "a broker twice";
      } else if (replicas.size() != assignments.getFirst().size()) {
        problem = "another number of replicas than the first";
      } else if (!replicas.allMatch(id -> image.broker(id) != null)) {
        problem = "a broker that is not registered";
      } else if (replicas.allMatch(BrokerRules.canLead(image).negate())) {
        problem = "no broker that is available";
      }
      if (problem != null) {
        String text = "assignment " + i + " " + replicas + " has " + problem;
        return new Problem(ControlError.INVALID_REPLICA_ASSIGNMENT, text);
      }
    }
    return null;
  }

  /**
   * As in Kafka, brokers that are away get replicas only where there are not enough others, and
   * never lead at first; so topics can be created while nodes are restarted one by one.
   */
  private static List<NodeIds> place(
      ImageEditor editor, List<PartitionImage> existing, int partitions, int factor) {
    LeadershipImage image = editor.image();
    List<BrokerImage> brokers = image.brokers().stream().filter(BrokerImage::canLead).toList();
    if (brokers.size() < factor) {
      brokers = image.brokers();
    }
    ReplicaPlacement placement =
        new ReplicaPlacement(brokers, image.brokerLoads(), image.nextPlacement());
    existing.forEach(partition -> placement.count(partition.replicas()));
    List<NodeIds> placed = placement.place(partitions, factor);
    editor.advancePlacement(partitions);
    return placed;
  }

  private static List<PartitionImage> newPartitions(
      LeadershipImage image, List<NodeIds> assignments, int leaderEpoch) {
    List<PartitionImage> partitions = new ArrayList<>(assignments.size());
    for (NodeIds replicas : assignments) {
      NodeIds isr = replicas.filter(BrokerRules.canLead(image));
      int leader = isr.isEmpty() ? NO_LEADER : isr.get(0);
      partitions.add(new PartitionImage(leader, leaderEpoch, 0, replicas, isr, NodeIds.NONE));
    }
    return partitions;
  }

  private static TopicOutcome done(TopicImage topic) {
    return new TopicOutcome(topic.name(), topic.id(), ControlError.NONE, "");
  }

  private static TopicOutcome unknown(UUID id) {
    return new TopicOutcome("", id, ControlError.UNKNOWN_TOPIC, "no topic has id " + id);
  }
}
