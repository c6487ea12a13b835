package io.penstock.replication.partition;

import io.penstock.replication.leadership.PartitionImage;

/**
 * Told what this node's replicas are for, on the registry's thread: whoever copies from leaders and
 * whoever looks after the ISR of what is led here. It must not block.
 */
public interface RoleObserver {

  /** Nobody has to be told. */
  RoleObserver NONE =
      new RoleObserver() {
        @Override
        public void assigned(PartitionReplica replica, PartitionImage partition) {}

        @Override
        public void removed(PartitionReplica replica) {}
      };

  /**
   * The replica has taken up what the image says of its partition: a role, or news of the same one.
   */
  void assigned(PartitionReplica replica, PartitionImage partition);

  /** The replica is served here no more: it has moved away, or its disk has failed. */
  void removed(PartitionReplica replica);
}
