package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.TopicSpec;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Topics that come, grow and go when the test says so. */
final class SomeTopics implements TopicCatalog {

  private final Map<String, TopicSpec> topics = new TreeMap<>();
  private int changes;
  private int nameChanges;
  private int created;
  private @Nullable Runnable whileRead;

  void create(String name, int partitions) {
    if (topics.put(name, TopicSpec.of(new UUID(7, ++created), partitions)) == null) {
      nameChanges++;
    }
    changes++;
  }

  void delete(String name) {
    if (topics.remove(name) != null) {
      nameChanges++;
      changes++;
    }
  }

  void grow(String name, int more) {
    TopicSpec before = topics.get(name);
    if (before != null) {
      topics.put(name, TopicSpec.of(before.id(), before.partitions() + more));
      changes++;
    }
  }

  /** Has this happen once, while somebody looks through the names. */
  void whileNamesAreRead(Runnable change) {
    whileRead = change;
  }

  UUID id(String name) {
    TopicSpec topic = topics.get(name);
    if (topic == null) {
      throw new AssertionError("no topic " + name);
    }
    return topic.id();
  }

  int partitions(String name) {
    TopicSpec topic = topics.get(name);
    return topic == null ? 0 : topic.partitions();
  }

  int partitions() {
    return topics.values().stream().mapToInt(TopicSpec::partitions).sum();
  }

  @Override
  public @Nullable CatalogTopic topic(String name) {
    TopicSpec spec = topics.get(name);
    return spec == null ? null : new CatalogTopic(name, spec);
  }

  @Override
  public @Nullable String nameOf(UUID id) {
    for (Map.Entry<String, TopicSpec> each : topics.entrySet()) {
      if (each.getValue().id().equals(id)) {
        return each.getKey();
      }
    }
    return null;
  }

  @Override
  public Collection<String> names() {
    List<String> names = List.copyOf(topics.keySet());
    Runnable change = whileRead;
    whileRead = null;
    if (change != null) {
      change.run();
    }
    return names;
  }

  @Override
  public Object version() {
    return changes;
  }

  @Override
  public Object namesVersion() {
    return nameChanges;
  }
}
