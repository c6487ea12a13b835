package io.penstock.node.group.assign;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What an assignor knows of a topic.
 *
 * @param partitions how many it has
 * @param racks of each partition, the racks that its replicas are in; empty where racks are not
 *     known or make no difference
 */
public record TopicSpec(UUID id, int partitions, List<Set<String>> racks) {

  public TopicSpec {
    racks = List.copyOf(racks);
    if (partitions < 0 || (!racks.isEmpty() && racks.size() != partitions)) {
      throw new IllegalArgumentException(
          "racks of " + racks.size() + " partitions of " + partitions);
    }
  }

  /** A topic of which no racks are known. */
  public static TopicSpec of(UUID id, int partitions) {
    return new TopicSpec(id, partitions, List.of());
  }
}
