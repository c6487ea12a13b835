package io.penstock.replication.raft;

import com.codahale.metrics.MetricRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * Brings what one Raft server measures into the node's registry, under names such as {@code
 * penstock.raft.leadership.server.…}. Ratis has one set of registries for the whole process, so
 * several nodes in one test process are told apart by their peer ids.
 */
final class RaftMetrics {

  private final String peerId;
  private final MetricRegistry registry;
  private final Map<String, String> groupNames = new ConcurrentHashMap<>();

  RaftMetrics(String peerId, MetricRegistry registry) {
    this.peerId = peerId;
    this.registry = registry;
  }

  void nameGroup(RaftGroupId id, String name) {
    groupNames.put(id.toString(), name);
  }

  /** From now on what Ratis registers for this peer goes to the node's registry. */
  void bind() {
    if (MetricRegistries.global() instanceof RatisMetricRegistries registries) {
      registries.bind(peerId, this);
    }
  }

  void unbind() {
    if (MetricRegistries.global() instanceof RatisMetricRegistries registries) {
      registries.unbind(peerId);
    }
  }

  MetricRegistry registry() {
    return registry;
  }

  /** The start of the names of one of Ratis' registries. */
  String prefixOf(MetricRegistryInfo info) {
    StringBuilder name = new StringBuilder("penstock.raft");
    String group = info.getPrefix();
    for (Map.Entry<String, String> entry : groupNames.entrySet()) {
      if (group.contains(entry.getKey())) {
        name.append('.').append(entry.getValue());
      }
    }
    return name.append('.')
        .append(info.getMetricsComponentName().toLowerCase(Locale.ROOT).replace(' ', '-'))
        .toString();
  }

  /** A metric's name without the peer and the group, which its registry's name says already. */
  String nameOf(String metric) {
    String name = metric;
    for (String group : groupNames.keySet()) {
      name = name.replace(peerId + "@" + group, "").replace(group, "");
    }
    return name.replace(peerId, "self").replaceAll("^[.:]+", "");
  }
}
