package io.penstock.node.group;

import io.penstock.node.group.assign.TopicSpec;
import io.penstock.node.group.consumer.TopicCatalog;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The topics that the cluster agrees on, for groups of the consumer protocol. It hears of changes
 * after the image has them, so that a topic that has come is looked for in an image that has it.
 * Any thread.
 */
public final class ImageTopics implements TopicCatalog, ImageListener {

  private final Supplier<ClusterImage> image;
  private final AtomicLong namesChanged = new AtomicLong();

  public ImageTopics(Supplier<ClusterImage> image) {
    this.image = image;
  }

  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    boolean[] any = {false};
    after
        .leadership()
        .forEachChangedTopic(
            before.leadership(), (_, earlier, now) -> any[0] |= earlier == null || now == null);
    if (any[0]) {
      namesChanged.incrementAndGet();
    }
  }

  @Override
  public @Nullable CatalogTopic topic(String name) {
    LeadershipImage now = image.get().leadership();
    TopicImage topic = now.topic(name);
    return topic == null
        ? null
        : new CatalogTopic(
            name, new TopicSpec(topic.id(), topic.partitionCount(), racks(topic, now)));
  }

  /** Nothing where no broker says where it is. */
  private static List<Set<String>> racks(TopicImage topic, LeadershipImage now) {
    List<Set<String>> racks = new ArrayList<>(topic.partitionCount());
    boolean any = false;
    for (PartitionImage partition : topic.partitions()) {
      Set<String> of = new HashSet<>();
      for (int id : partition.replicas().toArray()) {
        BrokerImage broker = now.broker(id);
        String rack = broker == null ? null : broker.rack();
        if (rack != null) {
          of.add(rack);
        }
      }
      any |= !of.isEmpty();
      racks.add(of);
    }
    return any ? racks : List.of();
  }

  @Override
  public @Nullable String nameOf(UUID id) {
    TopicImage topic = image.get().leadership().topic(id);
    return topic == null ? null : topic.name();
  }

  @Override
  public Collection<String> names() {
    return image.get().leadership().topics().stream().map(TopicImage::name).toList();
  }

  /** The part of the image that topics are in: the same object until one of them changes. */
  @Override
  public Object version() {
    return new Version(image.get().leadership());
  }

  @Override
  public Object namesVersion() {
    return namesChanged.get();
  }

  /** An image as itself: whether two have the same contents would take long to say. */
  private record Version(LeadershipImage of) {
    @Override
    @SuppressWarnings("ReferenceEquality") // that is what it is for
    public boolean equals(@Nullable Object other) {
      return other instanceof Version version && of == version.of;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(of);
    }
  }
}
