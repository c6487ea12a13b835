package io.penstock.replication.isr;

import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.IsrProposal;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.log.LogId;
import java.util.Set;

/** A partition that this node leads, as its replica was last told. Used on the keeper's loop. */
final class LedPartition {

  /** Of one who has said nothing in this leader epoch; before all times. */
  static final long NEVER_HEARD = -1;

  private final PartitionReplica replica;
  private final PartitionImage image;
  private final int minInSync;
  private int leaderEpochSeen;
  private int partitionEpochSeen;

  /**
   * @param demandedInSync by the topic, which cannot have more than it has replicas
   */
  LedPartition(PartitionReplica replica, PartitionImage image, int demandedInSync) {
    this.replica = replica;
    this.image = image;
    this.minInSync = Math.min(demandedInSync, image.replicas().size());
    this.leaderEpochSeen = image.leaderEpoch();
    this.partitionEpochSeen = image.partitionEpoch();
  }

  LogId id() {
    return replica.id();
  }

  PartitionReplica replica() {
    return replica;
  }

  boolean isUnderReplicated() {
    return image.isr().size() < image.replicas().size();
  }

  boolean isUnderMinIsr() {
    return image.isr().size() < minInSync;
  }

  /** Whether it could not do without one more of those in sync, or what it writes is here only. */
  boolean needsMoreInSync() {
    return isUnderMinIsr() || image.isr().size() == 1;
  }

  boolean isAtMinIsr() {
    return image.isr().size() == minInSync;
  }

  boolean hasInSync(int nodeId) {
    return image.isr().contains(nodeId);
  }

  /**
   * Whether a follower may lag, or may join: where all are in sync and everything is committed,
   * every follower has everything. Takes no lock.
   */
  boolean needsLook() {
    return isUnderReplicated() || replica.highWatermark() < replica.logEndOffset();
  }

  /** Adds the followers in sync that have not got everything. Takes no lock. */
  void addBehind(Set<Integer> behind) {
    long end = replica.logEndOffset();
    if (replica.highWatermark() >= end) {
      return;
    }
    NodeIds inSync = image.isr();
    for (int i = 0; i < inSync.size(); i++) {
      int node = inSync.get(i);
      FollowerProgress progress = replica.follower(node);
      if (node != image.leader() && (progress == null || progress.fetchOffset() < end)) {
        behind.add(node);
      }
    }
  }

  /** When the follower asked for this partition last. Takes no lock. */
  long lastHeardMs(int node) {
    FollowerProgress progress = replica.follower(node);
    return progress == null ? NEVER_HEARD : progress.nowMs();
  }

  /** What became of what was asked for; the replica may be told of it later. */
  void answered(PartitionOutcome outcome) {
    if (isNewer(outcome.leaderEpoch(), outcome.partitionEpoch())) {
      leaderEpochSeen = outcome.leaderEpoch();
      partitionEpochSeen = outcome.partitionEpoch();
    }
  }

  /** Whether the replica proposes what is out of date already, as it has not been told yet. */
  boolean isOutdated(IsrProposal proposal) {
    return !(proposal.leaderEpoch() == leaderEpochSeen
            && proposal.partitionEpoch() == partitionEpochSeen)
        && !isNewer(proposal.leaderEpoch(), proposal.partitionEpoch());
  }

  private boolean isNewer(int leaderEpoch, int partitionEpoch) {
    return leaderEpoch > leaderEpochSeen
        || (leaderEpoch == leaderEpochSeen && partitionEpoch > partitionEpochSeen);
  }
}
