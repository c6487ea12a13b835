package io.penstock.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How the partitions of a cluster are. Immutable.
 *
 * @param underReplicated partitions with replicas that are not in sync
 * @param offline partitions without a leader
 * @param offlineNames the first of those, as {@code topic-partition}
 */
public record PartitionCounts(
    int topics, int partitions, int underReplicated, int offline, List<String> offlineNames) {

  private static final int NAMES_MAX = 5;

  public PartitionCounts {
    offlineNames = List.copyOf(offlineNames);
  }

  /** Counts what these topics have. */
  public static PartitionCounts of(Collection<TopicDescription> topics) {
    int all = 0;
    int underReplicated = 0;
    int offline = 0;
    List<String> names = new ArrayList<>();
    for (TopicDescription topic : topics) {
      for (PartitionDescription partition : topic.partitions()) {
        all++;
        underReplicated += partition.inSync().size() < partition.replicas().size() ? 1 : 0;
        if (partition.leader() < 0) {
          offline++;
          if (names.size() < NAMES_MAX) {
            names.add(topic.name() + "-" + partition.index());
          }
        }
      }
    }
    return new PartitionCounts(topics.size(), all, underReplicated, offline, names);
  }
}
