package io.penstock.node.group.lag;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lags as gauges: of each group, then of each of its partitions, as long as there are no more of
 * them than allowed; what each member has is not among them, since member ids are new each time,
 * nor what is not known. Names carry what they are about in braces, {@code
 * penstock.group.lag.records{group="g"}}; those of partitions differ before the braces, too, so
 * that whoever adds up does not count twice. Used by one thread; the gauges are read by any.
 */
public final class LagMetrics {

  private static final String PREFIX = "penstock.group.lag.";

  private static final String OF_PARTITION = PREFIX + "partition.";

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
    long without = 0;
    for (GroupLag group : table.groups()) {
      String label = "{group=" + quoted(group.groupId()) + "}";
      without += add(next, PREFIX + "records" + label, group.records());
      without += add(next, PREFIX + "ms" + label, group.ms());
    }
    for (GroupLag group : table.groups()) {
      for (PartitionLag partition : group.partitions()) {
        if (next.size() >= seriesMax) {
          without += 2;
          continue;
        }
        String label = label(partition);
        without += add(next, OF_PARTITION + "records" + label, partition.records());
        without += add(next, OF_PARTITION + "ms" + label, partition.ms());
      }
    }
    leftOut = without + 2 * table.leftOut();
    values = next;
    settle(next.keySet());
  }

  /** How many it has left out for want of room. */
  private int add(Map<String, Long> next, String name, long value) {
    if (value == PartitionLag.UNKNOWN) {
      return 0;
    }
    if (next.size() >= seriesMax) {
      return 1;
    }
    next.put(name, value);
    return 0;
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
        Gauge<@Nullable Long> gauge = () -> values.get(name);
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
