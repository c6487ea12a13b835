package io.penstock.replication.leadership;

import io.penstock.replication.value.FeatureLevels;
import io.penstock.replication.value.PersistentMap;
import io.penstock.replication.value.PersistentMap.ChangeVisitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code leadership} group has agreed on, at one point of its log. Immutable, and cheap to
 * change: versions share all topics that did not change. Any thread may keep and read any version.
 */
public final class LeadershipImage {

  public static final LeadershipImage EMPTY =
      new LeadershipImage(
          0,
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          PersistentMap.empty(),
          BrokerLoads.NONE,
          0,
          0);

  private final long lastBrokerEpoch;
  private final PersistentMap<Integer, BrokerImage> brokers;
  private final PersistentMap<UUID, TopicImage> topics;
  private final PersistentMap<String, UUID> topicIds;
  // The names that have a '.' or '_', by what they are in a metric's name; see TopicNames.
  private final PersistentMap<String, String> metricNames;
  private final BrokerLoads loads;
  private final int partitionCount;
  private final int nextPlacement;

  LeadershipImage(
      long lastBrokerEpoch,
      PersistentMap<Integer, BrokerImage> brokers,
      PersistentMap<UUID, TopicImage> topics,
      PersistentMap<String, UUID> topicIds,
      PersistentMap<String, String> metricNames,
      BrokerLoads loads,
      int partitionCount,
      int nextPlacement) {
    this.lastBrokerEpoch = lastBrokerEpoch;
    this.brokers = brokers;
    this.topics = topics;
    this.topicIds = topicIds;
    this.metricNames = metricNames;
    this.loads = loads;
    this.partitionCount = partitionCount;
    this.nextPlacement = nextPlacement;
  }

  /** An image read back from a snapshot; what can be derived is derived. */
  public static LeadershipImage restore(
      long lastBrokerEpoch, int nextPlacement, List<BrokerImage> brokers, List<TopicImage> topics) {
    SortedMap<Integer, BrokerImage> brokersById = new TreeMap<>();
    brokers.forEach(broker -> brokersById.put(broker.id(), broker));
    SortedMap<UUID, TopicImage> byId = new TreeMap<>();
    SortedMap<String, UUID> ids = new TreeMap<>();
    SortedMap<String, String> metricNames = new TreeMap<>();
    int partitions = 0;
    for (TopicImage topic : topics) {
      partitions += topic.partitionCount();
      byId.put(topic.id(), topic);
      ids.put(topic.name(), topic.id());
      if (TopicNames.canCollide(topic.name())) {
        metricNames.put(TopicNames.metricName(topic.name()), topic.name());
      }
    }
    return new LeadershipImage(
        lastBrokerEpoch,
        sorted(brokersById),
        sorted(byId),
        sorted(ids),
        sorted(metricNames),
        BrokerLoads.of(byId.values()),
        partitions,
        nextPlacement);
  }

  private static <K extends Comparable<? super K>, V> PersistentMap<K, V> sorted(
      SortedMap<K, V> entries) {
    return PersistentMap.ofSorted(List.copyOf(entries.keySet()), List.copyOf(entries.values()));
  }

  public @Nullable TopicImage topic(UUID id) {
    return topics.get(id);
  }

  public @Nullable TopicImage topic(String name) {
    UUID id = topicIds.get(name);
    return id == null ? null : topics.get(id);
  }

  /** All topics, by name. */
  public List<TopicImage> topics() {
    List<TopicImage> sorted = new ArrayList<>(topicIds.size());
    for (Map.Entry<String, UUID> entry : topicIds) {
      TopicImage topic = topics.get(entry.getValue());
      if (topic != null) {
        sorted.add(topic);
      }
    }
    return sorted;
  }

  /** The topic with this name, or the first one after it: for listings in pages. */
  public @Nullable TopicImage topicAtOrAfter(String name) {
    Map.Entry<String, UUID> entry = topicIds.ceilingEntry(name);
    return entry == null ? null : topics.get(entry.getValue());
  }

  public int topicCount() {
    return topics.size();
  }

  /** Partitions of all topics together. */
  public int partitionCount() {
    return partitionCount;
  }

  public @Nullable PartitionImage partition(UUID topicId, int partition) {
    TopicImage topic = topics.get(topicId);
    return topic == null ? null : topic.partition(partition);
  }

  public @Nullable BrokerImage broker(int id) {
    return brokers.get(id);
  }

  /** All registered brokers, by id. */
  public List<BrokerImage> brokers() {
    List<BrokerImage> sorted = new ArrayList<>(brokers.size());
    for (Map.Entry<Integer, BrokerImage> entry : brokers) {
      sorted.add(entry.getValue());
    }
    return sorted;
  }

  /** The highest feature level that every registered broker knows. */
  public int featureLevelKnownToAll() {
    int lowest = FeatureLevels.KNOWN;
    for (Map.Entry<Integer, BrokerImage> entry : brokers) {
      lowest = Math.min(lowest, entry.getValue().featureLevel());
    }
    return lowest;
  }

  /** The highest broker epoch that was ever given. */
  public long lastBrokerEpoch() {
    return lastBrokerEpoch;
  }

  /** Where in the ring of brokers the next automatic placement starts. */
  public int nextPlacement() {
    return nextPlacement;
  }

  /** Visits every topic that was created, changed or deleted since, in time of the difference. */
  public void forEachChangedTopic(LeadershipImage before, ChangeVisitor<UUID, TopicImage> visitor) {
    topics.forEachChange(before.topics, visitor);
  }

  /** Visits every broker that was registered, changed or removed since. */
  public void forEachChangedBroker(
      LeadershipImage before, ChangeVisitor<Integer, BrokerImage> visitor) {
    brokers.forEachChange(before.brokers, visitor);
  }

  PersistentMap<UUID, TopicImage> topicsById() {
    return topics;
  }

  BrokerLoads brokerLoads() {
    return loads;
  }

  /** The topic whose metrics could not be told from those of a topic with the given name. */
  @Nullable String topicCollidingWith(String name) {
    return TopicNames.canCollide(name) ? metricNames.get(TopicNames.metricName(name)) : null;
  }

  LeadershipImage withBroker(BrokerImage broker) {
    return new LeadershipImage(
        Math.max(lastBrokerEpoch, broker.epoch()),
        brokers.with(broker.id(), broker),
        topics,
        topicIds,
        metricNames,
        loads,
        partitionCount,
        nextPlacement);
  }

  LeadershipImage withoutBroker(int id) {
    return new LeadershipImage(
        lastBrokerEpoch,
        brokers.without(id),
        topics,
        topicIds,
        metricNames,
        loads,
        partitionCount,
        nextPlacement);
  }

  LeadershipImage withTopic(TopicImage topic) {
    TopicImage before = topics.get(topic.id());
    int added = topic.partitionCount() - (before == null ? 0 : before.partitionCount());
    return new LeadershipImage(
        lastBrokerEpoch,
        brokers,
        topics.with(topic.id(), topic),
        topicIds.with(topic.name(), topic.id()),
        TopicNames.canCollide(topic.name())
            ? metricNames.with(TopicNames.metricName(topic.name()), topic.name())
            : metricNames,
        loads.with(before, topic),
        partitionCount + added,
        nextPlacement);
  }

  LeadershipImage withoutTopic(TopicImage topic) {
    return new LeadershipImage(
        lastBrokerEpoch,
        brokers,
        topics.without(topic.id()),
        topicIds.without(topic.name()),
        metricNames.without(TopicNames.metricName(topic.name())),
        loads.with(topic, null),
        partitionCount - topic.partitionCount(),
        nextPlacement);
  }

  /** These topics, by id and in order, with what {@link #withTopics} may change. */
  LeadershipImage withTopicsOf(
      List<UUID> changed, BiFunction<UUID, TopicImage, TopicImage> function) {
    return withTopics(topics.mapValuesOf(changed, function));
  }

  /** All topics with other leaders, ISRs and ELRs; no partition comes or goes or moves. */
  LeadershipImage withTopics(BiFunction<UUID, TopicImage, TopicImage> function) {
    return withTopics(topics.mapValues(function));
  }

  private LeadershipImage withTopics(PersistentMap<UUID, TopicImage> changed) {
    return new LeadershipImage(
        lastBrokerEpoch,
        brokers,
        changed,
        topicIds,
        metricNames,
        loads,
        partitionCount,
        nextPlacement);
  }

  LeadershipImage withNextPlacement(int next) {
    return new LeadershipImage(
        lastBrokerEpoch, brokers, topics, topicIds, metricNames, loads, partitionCount, next);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LeadershipImage that
        && lastBrokerEpoch == that.lastBrokerEpoch
        && nextPlacement == that.nextPlacement
        && brokers.equals(that.brokers)
        && topics.equals(that.topics);
  }

  @Override
  public int hashCode() {
    return 31 * brokers.hashCode() + topics.hashCode();
  }
}
