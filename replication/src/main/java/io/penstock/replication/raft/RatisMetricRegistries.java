package io.penstock.replication.raft;

import com.codahale.metrics.MetricRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.util.TimeDuration;

/**
 * What Ratis finds by {@link java.util.ServiceLoader} when it wants to measure: one instance for
 * the process. Registries of a peer that is bound (see {@link RaftMetrics}) end up in its node's
 * registry, others nowhere. Thread-safe.
 */
public final class RatisMetricRegistries extends MetricRegistries {

  private final Map<MetricRegistryInfo, RatisMetricRegistry> registries = new ConcurrentHashMap<>();
  private final Map<String, RaftMetrics> peers = new ConcurrentHashMap<>();

  void bind(String peerId, RaftMetrics metrics) {
    peers.put(peerId, metrics);
  }

  /** Forgets a peer and everything that Ratis left registered for it. */
  void unbind(String peerId) {
    peers.remove(peerId);
    for (MetricRegistryInfo info : registries.keySet()) {
      if (info.getPrefix().startsWith(peerId)) {
        remove(info);
      }
    }
  }

  @Override
  public RatisMetricRegistry create(MetricRegistryInfo info) {
    return registries.computeIfAbsent(info, this::newRegistry);
  }

  private RatisMetricRegistry newRegistry(MetricRegistryInfo info) {
    for (Map.Entry<String, RaftMetrics> peer : peers.entrySet()) {
      if (info.getPrefix().startsWith(peer.getKey())) {
        return new DropwizardRegistry(info, peer.getValue().registry(), peer.getValue());
      }
    }
    return new DropwizardRegistry(
        info, new MetricRegistry(), new RaftMetrics("", new MetricRegistry()));
  }

  @Override
  public boolean remove(MetricRegistryInfo info) {
    if (registries.remove(info) instanceof DropwizardRegistry removed) {
      removed.unregister();
      return true;
    }
    return false;
  }

  @Override
  public Optional<RatisMetricRegistry> get(MetricRegistryInfo info) {
    return Optional.ofNullable(registries.get(info));
  }

  @Override
  public Set<MetricRegistryInfo> getMetricRegistryInfos() {
    return Set.copyOf(registries.keySet());
  }

  @Override
  public Collection<RatisMetricRegistry> getMetricRegistries() {
    return Set.copyOf(registries.values());
  }

  @Override
  public void clear() {
    registries.clear();
  }

  @Override
  public void addReporterRegistration(
      Consumer<RatisMetricRegistry> register, Consumer<RatisMetricRegistry> unregister) {
    // The node reports its own registry.
  }

  @Override
  public void enableJmxReporter() {
    // The node reports its own registry.
  }

  @Override
  public void enableConsoleReporter(TimeDuration period) {
    // The node reports its own registry.
  }
}
