package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipEvent.PartitionChanged;
import java.util.ArrayList;
import java.util.List;

/**
 * The image and the events of one command while its rule runs. Lives on the stack of {@link
 * LeadershipRules#apply} and is never shared.
 */
@SuppressWarnings("ReferenceEquality") // the same object means: nothing changed, share it
final class ImageEditor {

  /** Computes what becomes of one partition; the same object means that nothing does. */
  @FunctionalInterface
  interface PartitionRule {
    PartitionImage apply(TopicImage topic, PartitionImage partition);
  }

  private LeadershipImage image;
  private final List<LeadershipEvent> events = new ArrayList<>();

  ImageEditor(LeadershipImage image) {
    this.image = image;
  }

  LeadershipImage image() {
    return image;
  }

  List<LeadershipEvent> events() {
    return events;
  }

  void replace(LeadershipImage next, LeadershipEvent event) {
    image = next;
    events.add(event);
  }

  /** Applies a rule to every partition of the cluster; topics that do not change stay shared. */
  void changePartitions(PartitionRule rule) {
    image =
        image.withChangedTopics(
            image.topicsById().mapValues((_, topic) -> changeTopic(topic, rule)));
  }

  /** Puts in a topic whose events were recorded by {@link #changeTopic}. */
  void replaceTopic(TopicImage topic) {
    image = image.withTopic(topic);
  }

  void advancePlacement(int partitions) {
    int next = Math.floorMod(image.nextPlacement() + partitions, Integer.MAX_VALUE);
    image = image.withNextPlacement(next);
  }

  void changePartition(TopicImage topic, int partition, PartitionImage after) {
    PartitionImage before = topic.partitions().get(partition);
    if (before == after) {
      return;
    }
    List<PartitionImage> changed = new ArrayList<>(topic.partitions());
    changed.set(partition, after);
    events.add(new PartitionChanged(topic.name(), topic.id(), partition, before, after));
    image = image.withTopic(topic.withPartitions(changed));
  }

  TopicImage changeTopic(TopicImage topic, PartitionRule rule) {
    List<PartitionImage> partitions = topic.partitions();
    List<PartitionImage> changed = partitions;
    for (int i = 0; i < partitions.size(); i++) {
      PartitionImage before = partitions.get(i);
      PartitionImage after = rule.apply(topic, before);
      if (after == before) {
        continue;
      }
      if (changed == partitions) {
        changed = new ArrayList<>(partitions);
      }
      changed.set(i, after);
      events.add(new PartitionChanged(topic.name(), topic.id(), i, before, after));
    }
    return changed == partitions ? topic : topic.withPartitions(changed);
  }
}
