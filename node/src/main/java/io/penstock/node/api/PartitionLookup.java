package io.penstock.node.api;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.replication.partition.PartitionReplica;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the replica that a request means, by topic name or by topic id, and says why there is none.
 * Any thread.
 */
public final class PartitionLookup {

  private final PartitionRegistry registry;
  private final Supplier<ClusterImage> images;

  public PartitionLookup(PartitionRegistry registry, Supplier<ClusterImage> images) {
    this.registry = registry;
    this.images = images;
  }

  public @Nullable PartitionReplica find(String topic, int partition) {
    return registry.find(topic, partition);
  }

  public @Nullable PartitionReplica find(Uuid topicId, int partition) {
    return registry.find(toJava(topicId), partition);
  }

  /**
   * Why a partition is not found by name: the cluster does not know it, or another node has it. One
   * that is being opened here counts as the latter, so that clients come back.
   */
  public Errors whyMissing(String topic, int partition) {
    TopicImage image = images.get().leadership().topic(topic);
    return image == null || image.partition(partition) == null
        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
        : Errors.NOT_LEADER_OR_FOLLOWER;
  }

  /** Why a partition is not found by topic id. */
  public Errors whyMissing(Uuid topicId, int partition) {
    TopicImage image = images.get().leadership().topic(toJava(topicId));
    if (image == null) {
      return Errors.UNKNOWN_TOPIC_ID;
    }
    return image.partition(partition) == null
        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
        : Errors.NOT_LEADER_OR_FOLLOWER;
  }

  /** What the cluster agrees on at present; to be taken once per request. */
  public ClusterImage image() {
    return images.get();
  }

  /** What the cluster agrees on about a partition, or null where there is no such. */
  public @Nullable PartitionImage image(Uuid topicId, int partition) {
    return images.get().leadership().partition(toJava(topicId), partition);
  }

  /** As by topic id. */
  public @Nullable PartitionImage image(String topic, int partition) {
    TopicImage image = images.get().leadership().topic(topic);
    return image == null ? null : image.partition(partition);
  }

  private static UUID toJava(Uuid id) {
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }
}
