package io.penstock.replication.partition;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.value.NodeIds;

/** The terms on which a replica leads: the epochs, all replicas, and those in sync. */
record LeaderTerm(int leaderEpoch, int partitionEpoch, NodeIds replicas, NodeIds inSync) {

  static LeaderTerm of(PartitionImage partition) {
    return new LeaderTerm(
        partition.leaderEpoch(), partition.partitionEpoch(), partition.replicas(), partition.isr());
  }
}
