package io.penstock.replication.value;

/**
 * Why a rule did not do what a command asked. These are outcomes, not exceptions: every replica
 * computes the same one, and the node maps them to the codes of the Kafka protocol.
 */
public enum ControlError {
  NONE,
  INVALID_REQUEST,
  /** The command carries an epoch or incarnation that is not the current one. */
  STALE_BROKER_EPOCH,
  UNKNOWN_BROKER,
  BROKER_FENCED,
  UNKNOWN_TOPIC,
  TOPIC_ALREADY_EXISTS,
  INVALID_TOPIC_NAME,
  INVALID_PARTITIONS,
  INVALID_REPLICATION_FACTOR,
  INVALID_REPLICA_ASSIGNMENT,
  UNKNOWN_PARTITION,
  /** The leader epoch of the command is older than the partition's. */
  FENCED_LEADER_EPOCH,
  /** The leader epoch of the command is one that the partition never had. */
  UNKNOWN_LEADER_EPOCH,
  /** The partition epoch of the command is not the partition's. */
  STALE_PARTITION_EPOCH,
  NOT_LEADER,
  INELIGIBLE_REPLICA,
  ELECTION_NOT_NEEDED,
  NO_ELIGIBLE_LEADER,
  INVALID_CONFIG,
  UNSUPPORTED_FEATURE_LEVEL,
  /** A named bound of the cluster would be passed. */
  LIMIT_EXCEEDED;

  public boolean isNone() {
    return this == NONE;
  }
}
