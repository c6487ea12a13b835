package io.penstock.replication.partition;

import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The replicas that this node holds of one topic. The registry's thread puts them in; any thread
 * looks them up without a lock.
 */
final class TopicReplicas {

  private final String name;
  private final UUID id;
  private volatile @Nullable PartitionReplica[] replicas = new @Nullable PartitionReplica[0];

  TopicReplicas(String name, UUID id) {
    this.name = name;
    this.id = id;
  }

  String name() {
    return name;
  }

  UUID id() {
    return id;
  }

  @Nullable PartitionReplica find(int partition) {
    @Nullable PartitionReplica[] seen = replicas;
    return partition >= 0 && partition < seen.length ? seen[partition] : null;
  }

  /** Makes room for so many partitions, so that they can be put without copying each time. */
  void reserve(int partitions) {
    if (partitions > replicas.length) {
      replicas = Arrays.copyOf(replicas, partitions);
    }
  }

  void put(int partition, @Nullable PartitionReplica replica) {
    reserve(partition + 1);
    @Nullable PartitionReplica[] changed = replicas;
    changed[partition] = replica;
    replicas = changed;
  }

  int partitionsKnown() {
    return replicas.length;
  }
}
