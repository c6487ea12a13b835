package io.penstock.replication.metadata;

import io.penstock.replication.value.FeatureLevels;
import io.penstock.replication.value.PersistentMap;
import io.penstock.replication.value.PersistentMap.ChangeVisitor;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What the {@code metadata} group has agreed on, at one point of its log. Immutable; versions share
 * what did not change. Configurations hold only what was set, never defaults.
 */
public final class MetadataImage {

  /** The level of rules and formats that this version starts a new cluster with. */
  public static final int FIRST_FEATURE_LEVEL = FeatureLevels.FIRST;

  public static final MetadataImage EMPTY =
      new MetadataImage(PersistentMap.empty(), 0, FIRST_FEATURE_LEVEL);

  private static final SortedMap<String, String> NO_CONFIGS =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  private final PersistentMap<ConfigTarget, SortedMap<String, String>> configs;
  private final long nextProducerId;
  private final int featureLevel;

  public MetadataImage(
      PersistentMap<ConfigTarget, SortedMap<String, String>> configs,
      long nextProducerId,
      int featureLevel) {
    this.configs = configs;
    this.nextProducerId = nextProducerId;
    this.featureLevel = featureLevel;
  }

  public SortedMap<String, String> topicConfigs(UUID topicId) {
    return configs(new ConfigTarget.Topic(topicId));
  }

  /** What was set for the group of this name. */
  public SortedMap<String, String> groupConfigs(String groupId) {
    return configs(new ConfigTarget.Group(groupId));
  }

  /** What was set for this node alone; {@link #clusterConfigs} holds for it besides. */
  public SortedMap<String, String> nodeConfigs(int nodeId) {
    return configs(new ConfigTarget.Node(nodeId));
  }

  /** What was set for every node. */
  public SortedMap<String, String> clusterConfigs() {
    return configs(new ConfigTarget.AllNodes());
  }

  /** Unmodifiable and in key order; empty where nothing was set. */
  public SortedMap<String, String> configs(ConfigTarget target) {
    SortedMap<String, String> set = configs.get(target);
    return set == null ? NO_CONFIGS : set;
  }

  /** The first producer id that nobody has yet. */
  public long nextProducerId() {
    return nextProducerId;
  }

  public int featureLevel() {
    return featureLevel;
  }

  /** Visits every target whose configuration changed since, in time of the difference. */
  public void forEachChangedConfig(
      MetadataImage before, ChangeVisitor<ConfigTarget, SortedMap<String, String>> visitor) {
    configs.forEachChange(before.configs, visitor);
  }

  public PersistentMap<ConfigTarget, SortedMap<String, String>> allConfigs() {
    return configs;
  }

  MetadataImage withConfigs(ConfigTarget target, SortedMap<String, String> set) {
    return new MetadataImage(
        set.isEmpty()
            ? configs.without(target)
            : configs.with(target, Collections.unmodifiableSortedMap(set)),
        nextProducerId,
        featureLevel);
  }

  MetadataImage withNextProducerId(long next) {
    return new MetadataImage(configs, next, featureLevel);
  }

  MetadataImage withFeatureLevel(int level) {
    return new MetadataImage(configs, nextProducerId, level);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MetadataImage that
        && nextProducerId == that.nextProducerId
        && featureLevel == that.featureLevel
        && configs.equals(that.configs);
  }

  @Override
  public int hashCode() {
    return 31 * configs.hashCode() + Long.hashCode(nextProducerId);
  }
}
