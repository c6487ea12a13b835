package io.penstock.replication.follower;

/** Why a leader gave a follower nothing of a partition. */
public enum FetchProblem {
  NONE,
  /** It does not lead the partition, or not any more. */
  NOT_LEADER,
  /** The follower believes in an older leader epoch. */
  FENCED_LEADER_EPOCH,
  /** The follower believes in a newer leader epoch than the leader knows yet. */
  UNKNOWN_LEADER_EPOCH,
  /** It does not know the partition, or not this node as one of its replicas, perhaps not yet. */
  UNKNOWN_PARTITION,
  /**
   * The offset is not in its log: it ends before the leader's begins, or behind its end. The answer
   * says where the leader's log begins, and its high watermark.
   */
  OFFSET_OUT_OF_RANGE,
  /** Its disk failed, or what it would send is damaged. */
  STORAGE_FAILED,
  /** Anything else; try again later. */
  OTHER
}
