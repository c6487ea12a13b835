package io.penstock.replication.leadership;

import io.penstock.replication.value.PersistentList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One topic and its partitions, numbered from zero.
 *
 * <p>{@code minInsyncReplicas} is kept here besides the topic's configuration because elections
 * depend on it: a replica that leaves an ISR which is then below it still holds everything that was
 * committed (KIP-966). The data path must take {@code min.insync.replicas} from here, so that both
 * follow the order of one log.
 */
public record TopicImage(
    String name, UUID id, int minInsyncReplicas, PersistentList<PartitionImage> partitions) {

  public TopicImage(String name, UUID id, int minInsyncReplicas, List<PartitionImage> partitions) {
    this(name, id, minInsyncReplicas, PersistentList.copyOf(partitions));
  }

  public int partitionCount() {
    return partitions.size();
  }

  public @Nullable PartitionImage partition(int index) {
    return index >= 0 && index < partitions.size() ? partitions.get(index) : null;
  }

  /** The size of the largest replica list. */
  public int replicationFactor() {
    int largest = 0;
    for (PartitionImage partition : partitions) {
      largest = Math.max(largest, partition.replicas().size());
    }
    return largest;
  }

  TopicImage withPartitions(PersistentList<PartitionImage> changed) {
    return new TopicImage(name, id, minInsyncReplicas, changed);
  }
}
