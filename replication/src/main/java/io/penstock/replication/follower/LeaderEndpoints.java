package io.penstock.replication.follower;

/** Makes the way to a leader node; opens nothing before it is used. */
@FunctionalInterface
public interface LeaderEndpoints {

  LeaderEndpoint to(int leader, FetchLane lane);
}
