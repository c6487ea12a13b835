package io.penstock.replication.raft;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;

/** One of Ratis' registries as a part of a node's registry, by prefix. Thread-safe. */
final class DropwizardRegistry implements RatisMetricRegistry {

  private final MetricRegistryInfo info;
  private final MetricRegistry registry;
  private final RaftMetrics names;
  private final String prefix;
  private final Set<String> registered = ConcurrentHashMap.newKeySet();

  DropwizardRegistry(MetricRegistryInfo info, MetricRegistry registry, RaftMetrics names) {
    this.info = info;
    this.registry = registry;
    this.names = names;
    this.prefix = names.prefixOf(info);
  }

  @Override
  public Timekeeper timer(String name) {
    Timer timer = registry.timer(remember(name));
    return () -> {
      Timer.Context context = timer.time();
      return context::stop;
    };
  }

  @Override
  public LongCounter counter(String name) {
    Counter counter = registry.counter(remember(name));
    return new LongCounter() {
      @Override
      public void inc(long count) {
        counter.inc(count);
      }

      @Override
      public void dec(long count) {
        counter.dec(count);
      }

      @Override
      public long getCount() {
        return counter.getCount();
      }
    };
  }

  @Override
  public boolean remove(String name) {
    String full = fullName(name);
    registered.remove(full);
    return registry.remove(full);
  }

  @Override
  public <T> void gauge(String name, Supplier<Supplier<T>> gauge) {
    String full = remember(name);
    registry.remove(full); // one of a former life of the group would report what is gone
    registry.register(full, (Gauge<T>) () -> gauge.get().get());
  }

  @Override
  public MetricRegistryInfo getMetricRegistryInfo() {
    return info;
  }

  /** Takes everything out again, or it would hold its group in memory. */
  void unregister() {
    for (String name : registered) {
      registry.remove(name);
    }
    registered.clear();
  }

  private String remember(String name) {
    String full = fullName(name);
    registered.add(full);
    return full;
  }

  private String fullName(String name) {
    return MetricRegistry.name(prefix, names.nameOf(name));
  }
}
