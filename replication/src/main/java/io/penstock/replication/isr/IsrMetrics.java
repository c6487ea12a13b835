package io.penstock.replication.isr;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;

/** What is counted of ISRs: what was asked for in vain is {@code failures}. */
record IsrMetrics(Meter shrinks, Meter expands, Meter failures) {

  static IsrMetrics in(MetricRegistry registry, LedPartitions led) {
    String partitions = "penstock.partitions.";
    registry.gauge(partitions + "led", () -> (Gauge<Integer>) led::count);
    registry.gauge(partitions + "under.replicated", () -> (Gauge<Integer>) led::underReplicated);
    registry.gauge(partitions + "under.min.isr", () -> (Gauge<Integer>) led::underMinIsr);
    registry.gauge(partitions + "at.min.isr", () -> (Gauge<Integer>) led::atMinIsr);
    return new IsrMetrics(
        registry.meter("penstock.isr.shrinks"),
        registry.meter("penstock.isr.expands"),
        registry.meter("penstock.isr.failures"));
  }
}
