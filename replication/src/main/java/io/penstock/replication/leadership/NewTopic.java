package io.penstock.replication.leadership;

import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.UUID;

/**
 * A topic to create: either a partition count and a replication factor, or the replicas of each
 * partition in {@code assignments}. The id is drawn by the proposer.
 */
public record NewTopic(
    String name,
    UUID id,
    int partitionCount,
    int replicationFactor,
    List<NodeIds> assignments,
    int minInsyncReplicas,
    int firstLeaderEpoch) {

  public NewTopic {
    assignments = List.copyOf(assignments);
  }

  /** Placed by {@link ReplicaPlacement}. */
  public static NewTopic placed(String name, UUID id, int partitionCount, int replicationFactor) {
    return new NewTopic(name, id, partitionCount, replicationFactor, List.of(), 1, 0);
  }

  /** Placed where the proposer says; replicas in order of preference. */
  public static NewTopic assigned(String name, UUID id, List<NodeIds> assignments) {
    int factor = assignments.isEmpty() ? 0 : assignments.getFirst().size();
    return new NewTopic(name, id, assignments.size(), factor, assignments, 1, 0);
  }

  public NewTopic withMinInsyncReplicas(int replicas) {
    return new NewTopic(
        name, id, partitionCount, replicationFactor, assignments, replicas, firstLeaderEpoch);
  }

  /** For logs that were written elsewhere: their epochs must not come again. */
  public NewTopic withFirstLeaderEpoch(int epoch) {
    return new NewTopic(
        name, id, partitionCount, replicationFactor, assignments, minInsyncReplicas, epoch);
  }

  boolean isAssigned() {
    return !assignments.isEmpty();
  }
}
