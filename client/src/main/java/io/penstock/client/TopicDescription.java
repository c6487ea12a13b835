package io.penstock.client;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A topic and its partitions, in the order of their numbers. Immutable.
 *
 * @param id all zero where the broker is too old to say
 */
public record TopicDescription(
    String name, UUID id, boolean internal, List<PartitionDescription> partitions) {

  /** The replicas of a partition; those of the first one where they differ. */
  public int replicationFactor() {
    return partitions.isEmpty() ? 0 : partitions.get(0).replicas().size();
  }

  /** The smallest number of in-sync replicas that any partition has now. */
  public int inSyncMin() {
    return partitions.stream().mapToInt(p -> p.inSync().size()).min().orElse(0);
  }

  /** This, but with those partitions of an earlier answer that name a leader of a later epoch. */
  TopicDescription withNewerLeadersOf(TopicDescription earlier) {
    if (!earlier.id().equals(id)) {
      return this;
    }
    List<PartitionDescription> newest = new ArrayList<>(partitions);
    int both = Math.min(partitions.size(), earlier.partitions().size());
    for (int i = 0; i < both; i++) {
      PartitionDescription known = earlier.partitions().get(i);
      if (known.leaderEpoch() > newest.get(i).leaderEpoch()) {
        newest.set(i, known);
      }
    }
    return new TopicDescription(name, id, internal, List.copyOf(newest));
  }
}
