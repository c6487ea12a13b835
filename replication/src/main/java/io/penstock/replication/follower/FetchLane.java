package io.penstock.replication.follower;

/**
 * Which partitions share a fetch. What is behind reads old data, slowly and throttled, and must not
 * hold up what producers wait for, so each leader node is asked on up to two lanes.
 */
public enum FetchLane {
  /** Replicas in sync: acks wait for them. */
  IN_SYNC,
  /** Replicas on their way into the ISR. */
  CATCHING_UP
}
