package io.penstock.node.group.lag;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Lags as gauges: of each group, then of each of its partitions, as long as there are no more of
 * them than allowed; what each member has is not among them, since member ids are new each time.
 * Names carry what they are about in braces, {@code penstock.group.lag.records{group="g"}}. Used by
 * one thread; the gauges are read by any.
 */
public final class LagMetrics {

  private static final String PREFIX = "penstock.group.lag.";

  private static final String LEFT_OUT = PREFIX + "left.out";

  private final MetricRegistry registry;
  private final int seriesMax;
  private final Set<String> shown = new HashSet<>();
  private volatile Map<String, Long> values = Map.of();
  private volatile long leftOut;

  /** Shows none yet, and never more of them than that. */
  public LagMetrics(MetricRegistry registry, int seriesMax) {
    this.registry = registry;
    this.seriesMax = seriesMax;
    Gauge<Long> gauge = () -> leftOut;
    registry.remove(LEFT_OUT);
    registry.gauge(LEFT_OUT, () -> gauge);
  }

  /** Shows this from now on, in place of what it showed before. */
  void show(LagTable table) {
    Map<String, Long> next = new HashMap<>();
    for (GroupLag group : table.groups()) {
      String label = "{group=" + quoted(group.groupId()) + "}";
      add(next, label, group, GroupLag::records, GroupLag::ms);
    }
    long all = 2L * table.groups().size();
    for (GroupLag group : table.groups()) {
      all += 2L * group.partitions().size();
      for (PartitionLag partition : group.partitions()) {
        if (next.size() + 2 > seriesMax) {
          break;
        }
        add(next, label(partition), partition, PartitionLag::records, PartitionLag::ms);
      }
    }
    leftOut = Math.max(0, all - next.size()) + 2 * table.leftOut();
    values = next;
    settle(next.keySet());
  }

  private <T> void add(
      Map<String, Long> next,
      String label,
      T lag,
      ToLongFunction<T> records,
      ToLongFunction<T> ms) {
    if (next.size() + 2 <= seriesMax) {
      next.put(PREFIX + "records" + label, records.applyAsLong(lag));
      next.put(PREFIX + "ms" + label, ms.applyAsLong(lag));
    }
  }

  private static String label(PartitionLag lag) {
    return "{group="
        + quoted(lag.position().groupId())
        + ",topic="
        + quoted(lag.position().topic())
        + ",partition=\""
        + lag.position().partition()
        + "\"}";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  private void settle(Set<String> names) {
    for (String name : Set.copyOf(shown)) {
      if (!names.contains(name)) {
        shown.remove(name);
        registry.remove(name);
      }
    }
    for (String name : names) {
      if (shown.add(name)) {
        Gauge<Long> gauge = () -> values.getOrDefault(name, PartitionLag.UNKNOWN);
        registry.gauge(name, () -> gauge);
      }
    }
  }

  /** Shows nothing any more. */
  void clear() {
    shown.forEach(registry::remove);
    shown.clear();
    values = Map.of();
  }
}
