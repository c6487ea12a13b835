package io.penstock.node.api.fetch;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.FollowerProgress;
import io.penstock.replication.partition.PartitionReplica;
import org.jspecify.annotations.Nullable;

/**
 * Where a consumer had better read (KIP-392), by the rules of Kafka's rack-aware selector: in its
 * own rack, from the leader if that is there, else from the follower in sync that has come
 * furthest. Stateless.
 */
final class ReadReplicas {

  private ReadReplicas() {}

  /**
   * The replica for a consumer in this rack that is at this offset, or {@link
   * FetchResult#NO_REPLICA} where the leader is the one.
   *
   * @param leader this node's replica, which leads
   */
  static int preferred(
      LeadershipImage image,
      PartitionImage partition,
      PartitionReplica leader,
      String rack,
      long offset) {
    if (isIn(rack, image.broker(partition.leader()))) {
      return FetchResult.NO_REPLICA;
    }
    int best = FetchResult.NO_REPLICA;
    long furthest = -1;
    for (int i = 0; i < partition.isr().size(); i++) {
      int node = partition.isr().get(i);
      BrokerImage broker = image.broker(node);
      if (node == partition.leader() || broker == null || broker.fenced() || !isIn(rack, broker)) {
        continue;
      }
      FollowerProgress progress = leader.follower(node);
      if (progress != null && has(progress, offset) && progress.fetchOffset() > furthest) {
        best = node;
        furthest = progress.fetchOffset();
      }
    }
    return best;
  }

  private static boolean isIn(String rack, @Nullable BrokerImage broker) {
    return broker != null && rack.equals(broker.rack());
  }

  /** A consumer that was sent to one who has not got its offset would come back at once. */
  private static boolean has(FollowerProgress follower, long offset) {
    return follower.logStartOffset() <= offset && offset <= follower.fetchOffset();
  }
}
