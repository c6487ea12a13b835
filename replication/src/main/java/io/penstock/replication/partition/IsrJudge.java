package io.penstock.replication.partition;

/** What a leader has to know of time and of the other brokers to say who is in sync. */
public interface IsrJudge {

  /** By the clock that {@link FollowerProgress#nowMs} is taken from. */
  long nowMs();

  /** How long a follower may be behind and still be in sync. */
  long lagTimeMaxMs();

  /** Whether the broker serves under this very registration, and is not about to stop. */
  boolean mayJoin(int nodeId, long brokerEpoch);

  /** Whether there is evidence that the process is gone, and it was not heard of since. */
  boolean isGone(int nodeId, long lastHeardMs);
}
