package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipEvent.PartitionChanged;
import io.penstock.replication.value.PersistentList;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The image and the events of one command while its rule runs. Changes of single partitions are
 * gathered by topic and put into the image together, when it is next asked for. Lives on the stack
 * of {@link LeadershipRules#apply} and is never shared.
 */
@SuppressWarnings("ReferenceEquality") // the same object means: nothing changed, share it
final class ImageEditor {

  /** Computes what becomes of one partition; the same object means that nothing does. */
  @FunctionalInterface
  interface PartitionRule {
    PartitionImage apply(TopicImage topic, PartitionImage partition);
  }

  private LeadershipImage image;
  private final SortedMap<UUID, PersistentList.Editor<PartitionImage>> edited = new TreeMap<>();
  private final List<LeadershipEvent> events = new ArrayList<>();

  ImageEditor(LeadershipImage image) {
    this.image = image;
  }

  /** The image with everything that was changed so far: once per command, not per partition. */
  LeadershipImage image() {
    if (!edited.isEmpty()) {
      image =
          image.withTopicsOf(
              List.copyOf(edited.keySet()),
              (id, topic) -> {
                PersistentList.Editor<PartitionImage> partitions = edited.get(id);
                return partitions == null ? topic : topic.withPartitions(partitions.list());
              });
      edited.clear();
    }
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
    image = image().withTopics((_, topic) -> changeTopic(topic, rule));
  }

  /** Puts in a topic whose events were recorded by {@link #changeTopic}. */
  void replaceTopic(TopicImage topic) {
    image = image().withTopic(topic);
  }

  void advancePlacement(int partitions) {
    int next = Math.floorMod(image().nextPlacement() + partitions, Integer.MAX_VALUE);
    image = image.withNextPlacement(next);
  }

  /** A partition as this command has left it so far. */
  @Nullable PartitionImage partition(TopicImage topic, int partition) {
    PersistentList.Editor<PartitionImage> partitions = edited.get(topic.id());
    return partitions == null || partition < 0 || partition >= topic.partitionCount()
        ? topic.partition(partition)
        : partitions.get(partition);
  }

  void changePartition(
      TopicImage topic, int partition, PartitionImage before, PartitionImage after) {
    if (before == after) {
      return;
    }
    edited.computeIfAbsent(topic.id(), _ -> topic.partitions().edit()).set(partition, after);
    events.add(new PartitionChanged(topic.name(), topic.id(), partition, before, after));
  }

  TopicImage changeTopic(TopicImage topic, PartitionRule rule) {
    PersistentList<PartitionImage> partitions = topic.partitions();
    PersistentList.Editor<PartitionImage> changed = null;
    for (int i = 0; i < partitions.size(); i++) {
      PartitionImage before = partitions.get(i);
      PartitionImage after = rule.apply(topic, before);
      if (after != before) {
        changed = changed == null ? partitions.edit() : changed;
        changed.set(i, after);
        events.add(new PartitionChanged(topic.name(), topic.id(), i, before, after));
      }
    }
    return changed == null ? topic : topic.withPartitions(changed.list());
  }
}
