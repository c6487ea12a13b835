package io.penstock.node.group.assign;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BinaryOperator;

/**
 * Partitions of topics, as a member has them, shall have them or gives them back. A topic of which
 * there are none is not in it, so that equal contents are equal. Immutable.
 */
public record MemberTarget(Map<UUID, PartitionSet> topics) {

  public static final MemberTarget EMPTY = new MemberTarget(Map.of());

  public MemberTarget {
    if (topics.values().stream().anyMatch(PartitionSet::isEmpty)) {
      Map<UUID, PartitionSet> filled = new HashMap<>(topics);
      filled.values().removeIf(PartitionSet::isEmpty);
      topics = filled;
    }
    topics = Map.copyOf(topics);
  }

  public boolean isEmpty() {
    return topics.isEmpty();
  }

  /** The partitions of this topic, none where it is not in here. */
  public PartitionSet of(UUID topic) {
    return topics.getOrDefault(topic, PartitionSet.EMPTY);
  }

  /** How many partitions there are, of all topics. */
  public int size() {
    int size = 0;
    for (PartitionSet each : topics.values()) {
      size += each.size();
    }
    return size;
  }

  /** What is in this or in the other. */
  public MemberTarget plus(MemberTarget other) {
    if (other.isEmpty()) {
      return this;
    }
    Map<UUID, PartitionSet> sum = new HashMap<>(topics);
    other.topics.forEach((topic, partitions) -> sum.merge(topic, partitions, PartitionSet::plus));
    return new MemberTarget(sum);
  }

  /** What is in this and not in the other. */
  public MemberTarget minus(MemberTarget other) {
    return each(other, PartitionSet::minus);
  }

  /** What is in both. */
  public MemberTarget common(MemberTarget other) {
    return each(other, PartitionSet::common);
  }

  private MemberTarget each(MemberTarget other, BinaryOperator<PartitionSet> operation) {
    Map<UUID, PartitionSet> result = new HashMap<>();
    topics.forEach(
        (topic, partitions) -> result.put(topic, operation.apply(partitions, other.of(topic))));
    return new MemberTarget(result);
  }
}
