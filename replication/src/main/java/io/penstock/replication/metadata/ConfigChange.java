package io.penstock.replication.metadata;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A change of one target's configuration: keys that get a value and keys that lose theirs. With
 * {@code replace}, every key that is not set is lost. Values were checked by the proposer.
 */
public record ConfigChange(
    ConfigTarget target, boolean replace, SortedMap<String, String> set, SortedSet<String> delete) {

  public ConfigChange {
    set = Collections.unmodifiableSortedMap(new TreeMap<>(set));
    delete = Collections.unmodifiableSortedSet(new TreeSet<>(delete));
  }

  public static ConfigChange merge(
      ConfigTarget target, Map<String, String> set, Set<String> delete) {
    return new ConfigChange(target, false, new TreeMap<>(set), new TreeSet<>(delete));
  }

  public static ConfigChange replace(ConfigTarget target, Map<String, String> set) {
    return new ConfigChange(target, true, new TreeMap<>(set), new TreeSet<>());
  }
}
