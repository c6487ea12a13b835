package io.penstock.node.group.effect;

import io.penstock.node.group.assign.MemberTarget;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Since which epoch a member has had each of its partitions without a break (KIP-1251). What it
 * commits as of an earlier epoch than its own is its own still, if it had the partition then.
 * Immutable.
 */
public record PartitionEpochs(Map<UUID, Map<Integer, Integer>> topics) {

  public static final PartitionEpochs NONE = new PartitionEpochs(Map.of());

  public PartitionEpochs {
    topics = Map.copyOf(topics);
  }

  /** Of these partitions: those that are new are the member's since this epoch. */
  public PartitionEpochs of(MemberTarget held, int epoch) {
    Map<UUID, Map<Integer, Integer>> next = HashMap.newHashMap(held.topics().size());
    held.topics()
        .forEach((topic, set) -> {
          Map<Integer, Integer> before = topics.getOrDefault(topic, Map.of());
          Map<Integer, Integer> since = HashMap.newHashMap(set.size());
          set.stream().forEach(each -> since.put(each, before.getOrDefault(each, epoch)));
          next.put(topic, Map.copyOf(since));
        });
    return new PartitionEpochs(next);
  }

  /** The epoch; null of a partition that is not the member's. */
  public @Nullable Integer of(UUID topic, int partition) {
    return topics.getOrDefault(topic, Map.of()).get(partition);
  }
}
