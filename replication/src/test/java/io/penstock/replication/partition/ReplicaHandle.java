package io.penstock.replication.partition;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.storage.log.PartitionLog;

/**
 * What {@link PartitionRegistry} does to its replicas, for tests elsewhere that have no registry.
 */
public final class ReplicaHandle {

  private final PartitionReplica replica;

  private ReplicaHandle(PartitionReplica replica) {
    this.replica = replica;
  }

  public static ReplicaHandle open(int nodeId, PartitionLog log) {
    return new ReplicaHandle(new PartitionReplica(nodeId, log));
  }

  public PartitionReplica replica() {
    return replica;
  }

  public void become(PartitionImage partition, int demandedInSync, Wakeups wakeups) {
    replica.become(partition, demandedInSync, wakeups);
  }

  public void goOffline(String cause, Wakeups wakeups) {
    replica.goOffline(cause, wakeups);
  }

  public void retire(String cause, Wakeups wakeups) {
    replica.retire(cause, wakeups);
  }
}
