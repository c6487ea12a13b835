package io.penstock.node.group;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** What the coordinators of this node count, under {@code penstock.groups}. Any thread. */
final class GroupMetrics {

  private static final String PREFIX = "penstock.groups.";

  private final MetricRegistry registry;
  private final Meter committed;
  private final Meter removed;
  private final Meter rebalances;
  private final Meter refused;
  private final Meter unwritten;
  private final Meter defects;
  private final Timer load;

  GroupMetrics(MetricRegistry registry) {
    this.registry = registry;
    this.committed = registry.meter(PREFIX + "offsets.committed");
    this.removed = registry.meter(PREFIX + "offsets.removed");
    this.rebalances = registry.meter(PREFIX + "rebalances");
    this.refused = registry.meter(PREFIX + "events.refused");
    this.unwritten = registry.meter(PREFIX + "events.unwritten");
    this.defects = registry.meter(PREFIX + "defects");
    this.load = registry.timer(PREFIX + "load.time");
  }

  /** Shows the size of these shards, and of all together in memory. */
  void show(Supplier<Collection<GroupShard>> shards, CoordinatorMemory memory) {
    gauge("shards.active", () -> count(shards, shard -> shard.isActive() ? 1 : 0));
    gauge("shards.loading", () -> count(shards, shard -> shard.isLoading() ? 1 : 0));
    gauge("count", () -> count(shards, shard -> shard.size().groups()));
    gauge("offsets.count", () -> count(shards, shard -> shard.size().offsets()));
    gauge("memory.bytes", memory::bytes);
    gauge("memory.bytes.max", memory::bytesMax);
  }

  private static long count(
      Supplier<Collection<GroupShard>> shards, ToLongFunction<GroupShard> counted) {
    return shards.get().stream().mapToLong(counted).sum();
  }

  /** The name without what all names here begin with. */
  void gauge(String name, LongSupplier value) {
    Gauge<Long> gauge = value::getAsLong;
    registry.remove(PREFIX + name);
    registry.gauge(PREFIX + name, () -> gauge);
  }

  void committed(int offsets) {
    committed.mark(offsets);
  }

  /** By a client, by expiry, or with their topic or group. */
  void removed(int offsets) {
    removed.mark(offsets);
  }

  /** So many generations and epochs of groups have begun. */
  void rebalanced(long begun) {
    rebalances.mark(begun);
  }

  /** An event that found too many others waiting. */
  void refused() {
    refused.mark();
  }

  /** What an event decided was not taken by the log. */
  void unwritten() {
    unwritten.mark();
  }

  /** Something happened that made a shard be read anew. */
  void defect() {
    defects.mark();
  }

  void loaded(long tookNs) {
    load.update(tookNs, TimeUnit.NANOSECONDS);
  }
}
