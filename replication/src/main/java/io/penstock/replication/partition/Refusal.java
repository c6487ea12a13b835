package io.penstock.replication.partition;

/** Why a replica would not do what was asked of it; none of these is a failure of this node. */
public enum Refusal {
  /** Another replica leads, or none; the client has to look for the leader. */
  NOT_LEADER,
  /** The caller knows an older leader epoch than this replica. */
  FENCED_LEADER_EPOCH,
  /** The caller knows a newer leader epoch than this replica. */
  UNKNOWN_LEADER_EPOCH,
  /** The fetching replica is not one of the partition's. */
  UNKNOWN_REPLICA,
  /** Fewer replicas are in sync than the topic demands; nothing was written. */
  NOT_ENOUGH_REPLICAS,
  /** As many were in sync when it was written, but are not now: it may be committed, or lost. */
  NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  /** The topic's settings forbid it, as deleting records of a topic that is only compacted. */
  FORBIDDEN_BY_SETTINGS,
  /** The offset is not one that the log may be cut at or read from. */
  OFFSET_OUT_OF_RANGE,
  /** The disk is full or failed; the operation may succeed later, or on another replica. */
  STORAGE_FAILED,
}
