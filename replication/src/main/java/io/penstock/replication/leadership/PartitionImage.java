package io.penstock.replication.leadership;

import io.penstock.replication.value.NodeIds;

/**
 * One partition: its replicas in assignment order (the first is the preferred leader), its leader,
 * the in-sync replicas and the eligible leader replicas of KIP-966 (out of sync, but known to hold
 * everything committed). The leader epoch rises with every change of leader, the partition epoch
 * with every change at all. The ISR is never empty; a leader is always in it.
 *
 * <p>{@code bereft} where its last member came back without its disk: nobody is known to hold what
 * was committed, so nobody is elected until that disk is back or an operator gives it up.
 */
public record PartitionImage(
    int leader,
    int leaderEpoch,
    int partitionEpoch,
    NodeIds replicas,
    NodeIds isr,
    NodeIds elr,
    boolean bereft) {

  /** The leader of a partition that has none. */
  public static final int NO_LEADER = -1;

  /** One that is not bereft. */
  public PartitionImage(
      int leader, int leaderEpoch, int partitionEpoch, NodeIds replicas, NodeIds isr, NodeIds elr) {
    this(leader, leaderEpoch, partitionEpoch, replicas, isr, elr, false);
  }

  public PartitionImage {
    if (isr.isEmpty() || !replicas.containsAll(isr)) {
      throw new IllegalArgumentException("ISR " + isr + " of replicas " + replicas);
    }
    if (leader != NO_LEADER && !isr.contains(leader)) {
      throw new IllegalArgumentException("leader " + leader + " is not in ISR " + isr);
    }
    if (!elr.allMatch(id -> replicas.contains(id) && !isr.contains(id))) {
      throw new IllegalArgumentException("ELR " + elr + " of " + replicas + ", ISR " + isr);
    }
    if (bereft && (leader != NO_LEADER || isr.size() > 1 || !elr.isEmpty())) {
      throw new IllegalArgumentException("bereft with leader " + leader + ", ISR " + isr);
    }
  }

  public boolean hasLeader() {
    return leader != NO_LEADER;
  }
}
