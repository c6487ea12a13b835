package io.penstock.replication.isr;

import io.penstock.replication.partition.PartitionReplica;
import io.penstock.storage.log.LogId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that this node leads, and how many of them lack replicas: counted as they come and
 * go, so that nobody has to walk them for a gauge. Used on the keeper's loop, but for the counts.
 */
final class LedPartitions {

  private final Map<LogId, LedPartition> partitions = new LinkedHashMap<>();
  private volatile int count;
  private volatile int underReplicated;
  private volatile int underMinIsr;
  private volatile int atMinIsr;

  @Nullable LedPartition find(LogId id) {
    return partitions.get(id);
  }

  void put(LedPartition partition) {
    LedPartition former = partitions.put(partition.id(), partition);
    if (former != null) {
      count(former, -1);
    }
    count(partition, 1);
  }

  /** Forgets this very replica; another one of the same partition may have taken its place. */
  void remove(PartitionReplica replica) {
    LedPartition known = partitions.get(replica.id());
    if (known != null && known.replica().equals(replica)) {
      partitions.remove(replica.id());
      count(known, -1);
    }
  }

  void forEach(Consumer<LedPartition> action) {
    partitions.values().forEach(action);
  }

  /** When the follower asked for any of them last, or {@link LedPartition#NEVER_HEARD}. */
  long lastHeardMs(int node) {
    long lastMs = LedPartition.NEVER_HEARD;
    for (LedPartition partition : partitions.values()) {
      lastMs = Math.max(lastMs, partition.lastHeardMs(node));
    }
    return lastMs;
  }

  int count() {
    return count;
  }

  int underReplicated() {
    return underReplicated;
  }

  int underMinIsr() {
    return underMinIsr;
  }

  int atMinIsr() {
    return atMinIsr;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by one thread
  private void count(LedPartition partition, int by) {
    count += by;
    underReplicated += partition.isUnderReplicated() ? by : 0;
    underMinIsr += partition.isUnderMinIsr() ? by : 0;
    atMinIsr += partition.isAtMinIsr() ? by : 0;
  }
}
