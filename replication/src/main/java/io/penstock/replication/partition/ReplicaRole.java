package io.penstock.replication.partition;

import org.jspecify.annotations.Nullable;

/** What this node is for a partition, in which leader epoch. Immutable; readers take it once. */
public sealed interface ReplicaRole {

  /** Of one who does not say which leader epoch it believes in. */
  int ANY_EPOCH = -1;

  /** The epoch in which the role was given; -1 before the first one. */
  int leaderEpoch();

  /**
   * Why a replica in this role does not answer one who believes in this leader epoch, or in {@link
   * #ANY_EPOCH}; null if it does.
   */
  default @Nullable Refusal refuses(int currentLeaderEpoch, boolean leaderOnly) {
    if (this instanceof Offline) {
      return Refusal.STORAGE_FAILED;
    }
    if (currentLeaderEpoch != ANY_EPOCH && currentLeaderEpoch < leaderEpoch()) {
      return Refusal.FENCED_LEADER_EPOCH;
    }
    if (currentLeaderEpoch != ANY_EPOCH && currentLeaderEpoch > leaderEpoch()) {
      return Refusal.UNKNOWN_LEADER_EPOCH;
    }
    return leaderOnly && !(this instanceof Leader) ? Refusal.NOT_LEADER : null;
  }

  /** Takes appends and serves everyone. */
  record Leader(int leaderEpoch) implements ReplicaRole {}

  /** Copies from the leader, which is -1 where the partition has none at present. */
  record Follower(int leaderEpoch, int leader) implements ReplicaRole {}

  /** Its disk failed, or its log is closed: it neither takes nor serves anything. */
  record Offline(int leaderEpoch, String cause) implements ReplicaRole {}
}
