package io.penstock.replication.leadership;

/** The bounds of the {@code leadership} group's state. Rules: a change needs a feature level. */
public final class LeadershipLimits {

  /** Partitions that one topic can be given at once; keeps the time of one log entry short. */
  public static final int PARTITIONS_ADDED_MAX = 100_000;

  /** Partitions of the whole cluster: as many as a snapshot and a failover were measured with. */
  public static final int PARTITIONS_MAX = 1_000_000;

  /** Replicas of one partition. */
  public static final int REPLICAS_MAX = 31;

  private LeadershipLimits() {}
}
