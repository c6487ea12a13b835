package io.penstock.replication.follower;

import java.util.List;

/**
 * One fetch of one lane. The leader remembers what it was asked for (KIP-227): {@code changed} is
 * what is new or other than before, {@code forgotten} what is not wanted any more; all the rest
 * stays as it was last asked for.
 *
 * @param brokerEpoch the epoch of the follower's registration (KIP-903)
 * @param fresh whether nothing is to be remembered from before: {@code changed} is all
 * @param maxWaitMs how long the leader may wait for {@code minBytes}
 * @param maxBytes of all partitions together, but for one first batch
 */
public record ReplicaFetch(
    long brokerEpoch,
    boolean fresh,
    int maxWaitMs,
    int minBytes,
    int maxBytes,
    List<PartitionFetch> changed,
    List<ReplicaKey> forgotten) {

  public ReplicaFetch {
    changed = List.copyOf(changed);
    forgotten = List.copyOf(forgotten);
  }
}
