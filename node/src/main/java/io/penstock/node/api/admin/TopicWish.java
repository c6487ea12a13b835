package io.penstock.node.api.admin;

import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A topic as a client wants it; -1 stands for the node's default. Either counts are given, or the
 * replicas of every partition.
 */
record TopicWish(
    String name,
    int partitions,
    int replicationFactor,
    List<NodeIds> assignments,
    SortedMap<String, String> configs) {

  static final int BY_DEFAULT = -1;

  static TopicWish byDefault(String name) {
    return new TopicWish(name, BY_DEFAULT, BY_DEFAULT, List.of(), new TreeMap<>());
  }

  /** About what the wish takes in a command. */
  long commandBytes() {
    long bytes = 64L + name.length();
    for (NodeIds replicas : assignments) {
      bytes += 8L + 5L * replicas.size();
    }
    for (Map.Entry<String, String> config : configs.entrySet()) {
      bytes += 16L + config.getKey().length() + config.getValue().length();
    }
    return bytes;
  }
}
