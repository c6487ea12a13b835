package io.penstock.replication.partition;

/** What this node is for a partition, in which leader epoch. Immutable; readers take it once. */
public sealed interface ReplicaRole {

  /** The epoch in which the role was given; -1 before the first one. */
  int leaderEpoch();

  /** Takes appends and serves everyone. */
  record Leader(int leaderEpoch) implements ReplicaRole {}

  /** Copies from the leader, which is -1 where the partition has none at present. */
  record Follower(int leaderEpoch, int leader) implements ReplicaRole {}

  /** Its disk failed, or its log is closed: it neither takes nor serves anything. */
  record Offline(int leaderEpoch, String cause) implements ReplicaRole {}
}
