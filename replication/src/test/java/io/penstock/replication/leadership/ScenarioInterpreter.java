package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.PartitionRef;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.LeadershipEvent.BrokerDraining;
import io.penstock.replication.leadership.LeadershipEvent.BrokerFenced;
import io.penstock.replication.leadership.LeadershipEvent.BrokerRegistered;
import io.penstock.replication.leadership.LeadershipEvent.BrokerUnfenced;
import io.penstock.replication.leadership.LeadershipEvent.BrokerUnregistered;
import io.penstock.replication.leadership.LeadershipEvent.MinInsyncReplicasSet;
import io.penstock.replication.leadership.LeadershipEvent.PartitionChanged;
import io.penstock.replication.leadership.LeadershipEvent.PartitionsCreated;
import io.penstock.replication.leadership.LeadershipEvent.TopicCreated;
import io.penstock.replication.leadership.LeadershipEvent.TopicDeleted;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Runs the lines of a scenario: a verb, what it is about, options as {@code key=value}. Epochs are
 * the current ones unless an option says otherwise.
 */
final class ScenarioInterpreter {

  private LeadershipImage image = LeadershipImage.EMPTY;
  private int drawn;

  List<String> run(String line) {
    List<String> words = List.of(line.trim().split("\\s+"));
    Map<String, String> options = new HashMap<>();
    for (String word : words) {
      if (word.contains("=")) {
        options.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
      }
    }
    Applied<LeadershipImage, LeadershipEvent, LeadershipResult> applied =
        LeadershipRules.apply(image, parse(words, options));
    image = applied.image();
    List<String> output = new ArrayList<>();
    applied.events().forEach(event -> output.add(print(event)));
    output.addAll(print(applied.result()));
    return output;
  }

  private LeadershipCommand parse(List<String> words, Map<String, String> options) {
    String about = words.size() > 1 ? words.get(1) : "";
    return switch (words.getFirst()) {
      case "register" ->
          new RegisterBroker(
              Integer.parseInt(about),
              new UUID(1, options.containsKey("again") ? drawn : ++drawn),
              new Address("host" + about, 9092),
              new Address("host" + about, 9093),
              options.get("rack"),
              options.containsKey("clean") ? epoch(about, options) : -1,
              directories(options));
      case "unfence" -> new UnfenceBroker(Integer.parseInt(about), epoch(about, options));
      case "fence" -> new FenceBroker(Integer.parseInt(about), epoch(about, options));
      case "drain" -> new DrainBroker(Integer.parseInt(about), epoch(about, options));
      case "unregister" -> new UnregisterBroker(Integer.parseInt(about));
      case "create" -> new CreateTopics(List.of(newTopic(about, options)));
      case "delete" -> new DeleteTopics(List.of(topicId(about)));
      case "grow" ->
          new CreatePartitions(
              topicId(about), Integer.parseInt(options.getOrDefault("to", "1")), assigned(options));
      case "min" -> new SetMinInsyncReplicas(topicId(about), Integer.parseInt(words.get(2)));
      case "isr" -> isr(words, options);
      case "elect" -> elect(about, words.subList(2, words.size()));
      default -> throw new IllegalArgumentException(String.join(" ", words));
    };
  }

  private NewTopic newTopic(String name, Map<String, String> options) {
    int minimum = Integer.parseInt(options.getOrDefault("min", "1"));
    UUID id = new UUID(2, options.containsKey("again") ? drawn : ++drawn);
    NewTopic topic =
        options.containsKey("assign")
            ? NewTopic.assigned(name, id, assigned(options))
            : NewTopic.placed(
                name,
                id,
                Integer.parseInt(options.getOrDefault("partitions", "1")),
                Integer.parseInt(options.getOrDefault("replicas", "1")));
    return topic.withMinInsyncReplicas(minimum);
  }

  private static List<NodeIds> assigned(Map<String, String> options) {
    String text = options.get("assign");
    List<NodeIds> assignments = new ArrayList<>();
    if (text != null) {
      for (String replicas : text.split(";", -1)) {
        assignments.add(ids(replicas));
      }
    }
    return assignments;
  }

  /** {@code isr t-0 1,2 t-1 3}: one command; {@code seen=2:7} is a member's epoch as seen. */
  private ChangeIsr isr(List<String> words, Map<String, String> options) {
    List<String> pairs = words.stream().skip(1).filter(word -> !word.contains("=")).toList();
    PartitionRef first = partition(pairs.getFirst());
    PartitionImage ofFirst = image.partition(first.topicId(), first.partition());
    int leader = ofFirst == null ? 0 : ofFirst.leader();
    int by = Integer.parseInt(options.getOrDefault("by", "" + leader));
    List<IsrChange> changes = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i += 2) {
      changes.add(isrChange(partition(pairs.get(i)), ids(pairs.get(i + 1)), options));
    }
    return new ChangeIsr(by, epoch("" + by, options), changes);
  }

  private IsrChange isrChange(PartitionRef ref, NodeIds members, Map<String, String> options) {
    PartitionImage partition = image.partition(ref.topicId(), ref.partition());
    List<IsrMember> isr = new ArrayList<>();
    for (int id : members.toList()) {
      String seen = options.getOrDefault("seen", "");
      boolean given = seen.startsWith(id + ":");
      long epoch = given ? Long.parseLong(seen.substring(seen.indexOf(':') + 1)) : -1;
      isr.add(new IsrMember(id, given ? epoch : epoch("" + id, Map.of())));
    }
    int leaderEpoch = partition == null ? 0 : partition.leaderEpoch();
    int partitionEpoch = partition == null ? 0 : partition.partitionEpoch();
    return new IsrChange(
        ref.topicId(),
        ref.partition(),
        leaderEpoch + Integer.parseInt(options.getOrDefault("leaderEpoch", "0")),
        partitionEpoch + Integer.parseInt(options.getOrDefault("partitionEpoch", "0")),
        isr);
  }

  private ElectLeaders elect(String kind, List<String> partitions) {
    return new ElectLeaders(
        kind.equals("unclean") ? ElectionKind.UNCLEAN : ElectionKind.PREFERRED,
        partitions.stream().map(this::partition).toList());
  }

  private PartitionRef partition(String name) {
    int dash = name.lastIndexOf('-');
    return new PartitionRef(
        topicId(name.substring(0, dash)), Integer.parseInt(name.substring(dash + 1)));
  }

  private UUID topicId(String name) {
    TopicImage topic = image.topic(name);
    return topic == null ? new UUID(9, 9) : topic.id();
  }

  private static List<UUID> directories(Map<String, String> options) {
    String named = options.get("disks");
    return named == null
        ? List.of()
        : ids(named).toList().stream().map(d -> new UUID(3, d)).toList();
  }

  private long epoch(String id, Map<String, String> options) {
    BrokerImage broker = image.broker(Integer.parseInt(id));
    String given = options.get("epoch");
    return given != null ? Long.parseLong(given) : broker == null ? -1 : broker.epoch();
  }

  private static NodeIds ids(String text) {
    List<Integer> ids = new ArrayList<>();
    for (String id : text.split(",", -1)) {
      ids.add(Integer.parseInt(id));
    }
    return NodeIds.copyOf(ids);
  }

  static String print(LeadershipEvent event) {
    return switch (event) {
      case BrokerRegistered(BrokerImage broker, boolean clean) ->
          "broker "
              + broker.id()
              + " registered epoch="
              + broker.epoch()
              + (clean ? "" : " after an unclean stop");
      case BrokerUnfenced(int id, long _) -> "broker " + id + " unfenced";
      case BrokerFenced(int id, long _) -> "broker " + id + " fenced";
      case BrokerDraining(int id, long _) -> "broker " + id + " draining";
      case BrokerUnregistered(int id) -> "broker " + id + " unregistered";
      case TopicCreated(TopicImage topic) ->
          "topic " + topic.name() + " created " + print(topic, 0);
      case TopicDeleted(TopicImage topic) -> "topic " + topic.name() + " deleted";
      case PartitionsCreated(TopicImage topic, int from) ->
          "topic " + topic.name() + " grown " + print(topic, from);
      case MinInsyncReplicasSet(String name, UUID _, int minimum) ->
          "topic " + name + " min=" + minimum;
      case PartitionChanged(String name, UUID _, int index, PartitionImage before, var after) ->
          name + "-" + index + " " + print(before) + " -> " + print(after);
    };
  }

  private static String print(TopicImage topic, int from) {
    List<String> partitions = new ArrayList<>();
    for (int i = from; i < topic.partitionCount(); i++) {
      PartitionImage partition = topic.partitions().get(i);
      partitions.add(i + ":" + partition.replicas() + " " + print(partition));
    }
    return String.join("; ", partitions);
  }

  private static String print(PartitionImage partition) {
    return "leader="
        + (partition.hasLeader() ? "" + partition.leader() : "none")
        + "@"
        + partition.leaderEpoch()
        + "."
        + partition.partitionEpoch()
        + " isr="
        + partition.isr()
        + (partition.elr().isEmpty() ? "" : " elr=" + partition.elr())
        + (partition.bereft() ? " bereft" : "");
  }

  private static List<String> print(LeadershipResult result) {
    return switch (result) {
      case BrokerResult(ControlError error, String message, long _) -> outcome(error, message);
      case Refused(ControlError error, String message) -> outcome(error, message);
      case TopicsResult(var topics) ->
          topics.stream().flatMap(t -> outcome(t.error(), t.message()).stream()).toList();
      case PartitionsResult(var partitions) ->
          partitions.stream().flatMap(p -> outcome(p.error(), "").stream()).toList();
    };
  }

  private static List<String> outcome(ControlError error, String message) {
    return error.isNone() ? List.of() : List.of((error + " " + message).trim());
  }
}
