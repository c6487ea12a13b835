package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.TopicSpec;
import io.penstock.node.group.consumer.TopicCatalog.CatalogTopic;
import io.penstock.node.group.effect.ConsumerGroupRecord.ResolvedRegex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which topics of the cluster a group is subscribed to. Made for one event. */
final class Subscriptions {

  private record Wish(List<String> topics, @Nullable String regex) {}

  private final ConsumerState state;
  private final Map<String, CatalogTopic> topics = new HashMap<>();
  private final Map<Wish, Set<UUID>> ids = new HashMap<>();

  Subscriptions(ConsumerState state, TopicCatalog catalog) {
    this.state = state;
    for (String name : state.names().keySet()) {
      add(name, catalog);
    }
    for (ResolvedRegex each : state.regexes().values()) {
      each.topics().forEach(name -> add(name, catalog));
    }
  }

  private void add(String name, TopicCatalog catalog) {
    CatalogTopic topic = topics.containsKey(name) ? null : catalog.topic(name);
    if (topic != null) {
      topics.put(name, topic);
    }
  }

  /** The topics that there are. */
  List<TopicSpec> specs() {
    return topics.values().stream().map(CatalogTopic::spec).toList();
  }

  /** The ids of the topics that there are of those that a member wants. */
  Set<UUID> idsFor(List<String> names, @Nullable String regex) {
    return ids.computeIfAbsent(new Wish(names, regex), this::resolve);
  }

  private Set<UUID> resolve(Wish wish) {
    List<String> names = new ArrayList<>(wish.topics);
    ResolvedRegex resolved = state.regex(wish.regex);
    if (resolved != null) {
      names.addAll(resolved.topics());
    }
    Set<UUID> found = new HashSet<>();
    for (String name : names) {
      CatalogTopic topic = topics.get(name);
      if (topic != null) {
        found.add(topic.spec().id());
      }
    }
    return Set.copyOf(found); // members share it, and are seen to
  }

  /**
   * Changes when a topic comes or goes, or its partitions or their racks change; whatever the order
   * of topics.
   */
  long hash() {
    long hash = 0;
    for (CatalogTopic each : topics.values()) {
      hash += hash(each);
    }
    return hash;
  }

  private static long hash(CatalogTopic topic) {
    TopicSpec spec = topic.spec();
    long hash = mix(spec.id().getMostSignificantBits(), spec.id().getLeastSignificantBits());
    hash = mix(mix(hash, text(topic.name())), spec.partitions());
    for (Set<String> racks : spec.racks()) {
      for (String rack : new TreeSet<>(racks)) {
        hash = mix(hash, text(rack));
      }
      hash = mix(hash, racks.size());
    }
    return hash;
  }

  private static long text(String text) {
    long hash = text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = hash * 31 + text.charAt(i);
    }
    return hash;
  }

  /** Every bit of both changes about half of the bits; the constants are SplitMix64's. */
  private static long mix(long left, long right) {
    long z = left * 31 + right + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
