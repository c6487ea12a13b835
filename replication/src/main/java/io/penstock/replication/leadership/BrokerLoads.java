package io.penstock.replication.leadership;

import io.penstock.replication.value.NodeIds;
import io.penstock.replication.value.PersistentList;
import io.penstock.replication.value.PersistentMap;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many replicas and preferred leaders each broker has, for placement. It follows from the
 * topics' replica lists, which change seldom; leaders and ISRs do not touch it. Immutable.
 *
 * <p>Why counts and not the topics themselves: an index from brokers to topics was measured. Topics
 * of ten partitions have replicas on half of fifty brokers, so fencing one was no faster than a
 * look at every partition (1 ms for 100 000), but a million partitions took 100 MB more.
 */
final class BrokerLoads {

  static final BrokerLoads NONE = new BrokerLoads(PersistentMap.empty());

  private static final Load NO_LOAD = new Load(0, 0);

  private final PersistentMap<Integer, Load> brokers;

  private BrokerLoads(PersistentMap<Integer, Load> brokers) {
    this.brokers = brokers;
  }

  /** All replicas, and those that are the first of their partition. */
  private record Load(int replicas, int preferred) {}

  /** What a change of topics adds to, or takes from, a broker. */
  private static final class Change {
    int replicas;
    int preferred;
  }

  static BrokerLoads of(Collection<TopicImage> topics) {
    SortedMap<Integer, Change> changes = new TreeMap<>();
    for (TopicImage topic : topics) {
      topic.partitions().forEach(partition -> count(changes, partition.replicas(), 1));
    }
    return NONE.with(changes);
  }

  int replicasOn(int broker) {
    return load(broker).replicas;
  }

  /** How many partitions have this broker as their first replica. */
  int preferredOn(int broker) {
    return load(broker).preferred;
  }

  private Load load(int broker) {
    Load known = brokers.get(broker);
    return known == null ? NO_LOAD : known;
  }

  /** The loads after a topic came, changed or went; null stands for no topic. */
  BrokerLoads with(@Nullable TopicImage before, @Nullable TopicImage after) {
    SortedMap<Integer, Change> changes = new TreeMap<>();
    PersistentList<PartitionImage> old = partitions(before);
    PersistentList<PartitionImage> now = partitions(after);
    now.forEachChange(
        old,
        (index, partition) -> {
          NodeIds replaced = index < old.size() ? old.get(index).replicas() : NodeIds.NONE;
          if (!partition.replicas().equals(replaced)) {
            count(changes, replaced, -1);
            count(changes, partition.replicas(), 1);
          }
        });
    for (int i = now.size(); i < old.size(); i++) {
      count(changes, old.get(i).replicas(), -1);
    }
    return changes.isEmpty() ? this : with(changes);
  }

  private BrokerLoads with(SortedMap<Integer, Change> changes) {
    PersistentMap<Integer, Load> changed = brokers;
    for (Map.Entry<Integer, Change> entry : changes.entrySet()) {
      Load before = load(entry.getKey());
      int replicas = before.replicas + entry.getValue().replicas;
      changed =
          replicas == 0
              ? changed.without(entry.getKey())
              : changed.with(
                  entry.getKey(),
                  new Load(replicas, before.preferred + entry.getValue().preferred));
    }
    return new BrokerLoads(changed);
  }

  private static PersistentList<PartitionImage> partitions(@Nullable TopicImage topic) {
    return topic == null ? PersistentList.copyOf(List.of()) : topic.partitions();
  }

  private static void count(SortedMap<Integer, Change> changes, NodeIds replicas, int by) {
    for (int i = 0; i < replicas.size(); i++) {
      Change change = changes.computeIfAbsent(replicas.get(i), _ -> new Change());
      change.replicas += by;
      change.preferred += i == 0 ? by : 0;
    }
  }
}
