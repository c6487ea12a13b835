package io.penstock.replication.partition;

import io.penstock.storage.log.LogId;
import org.jspecify.annotations.Nullable;

/**
 * The role that a replica has now, and what it answers to those whom the role does not let in. Any
 * thread reads it; it is changed under the partition's lock.
 */
final class CurrentRole {

  private final LogId id;
  private volatile ReplicaRole role = new ReplicaRole.Follower(-1, -1);

  CurrentRole(LogId id) {
    this.id = id;
  }

  ReplicaRole get() {
    return role;
  }

  void set(ReplicaRole next) {
    role = next;
  }

  boolean isLeader() {
    return role instanceof ReplicaRole.Leader;
  }

  boolean isOffline() {
    return role instanceof ReplicaRole.Offline;
  }

  /** To those who need the leader of this epoch; null where this is it. */
  @Nullable Refusal refusesLeaderOf(int leaderEpoch) {
    return role instanceof ReplicaRole.Leader(int current) && current == leaderEpoch
        ? null
        : refusal();
  }

  /** To those who need a leader, where this is none. */
  Refusal refusal() {
    return isOffline() ? Refusal.STORAGE_FAILED : Refusal.NOT_LEADER;
  }

  ReplicaAppend refusedAppend() {
    return switch (role) {
      case ReplicaRole.Offline(_, String cause) ->
          new ReplicaAppend.Refused(Refusal.STORAGE_FAILED, cause);
      case ReplicaRole.Leader _, ReplicaRole.Follower _ ->
          new ReplicaAppend.Refused(Refusal.NOT_LEADER, "this node does not lead " + id);
    };
  }
}
