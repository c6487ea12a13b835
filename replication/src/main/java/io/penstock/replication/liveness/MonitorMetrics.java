package io.penstock.replication.liveness;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;

/** What the monitor of this node has decided so far. */
record MonitorMetrics(
    Counter fencedBySession,
    Counter fencedByEvidence,
    Counter unfenced,
    Counter registered,
    Counter suspicions,
    Counter pauses) {

  static MonitorMetrics in(MetricRegistry registry) {
    String prefix = "penstock.liveness.";
    return new MonitorMetrics(
        registry.counter(prefix + "fenced.session"),
        registry.counter(prefix + "fenced.evidence"),
        registry.counter(prefix + "unfenced"),
        registry.counter(prefix + "registered"),
        registry.counter(prefix + "suspicions"),
        registry.counter(prefix + "pauses"));
  }
}
