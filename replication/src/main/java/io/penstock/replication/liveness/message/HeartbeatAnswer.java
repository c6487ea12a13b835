package io.penstock.replication.liveness.message;

/** What the node that was taken for the leader makes of a heartbeat. */
public sealed interface HeartbeatAnswer {

  /**
   * The broker's session goes on.
   *
   * @param majorityOverdueMs for how long answers of a majority of the voters had been due to the
   *     one who says so; no more than {@link Heartbeat#AGO_MS_MAX}
   */
  record Heard(boolean fenced, int majorityOverdueMs) implements HeartbeatAnswer {}

  /** The broker's epoch is not, or no longer, the one of its node id: it has to register again. */
  record NotRegistered(String message) implements HeartbeatAnswer {}

  /** Somebody else leads; {@code leaderId} is -1 where it is not known who. */
  record NotLeader(int leaderId) implements HeartbeatAnswer {}
}
