package io.penstock.replication.follower;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;

/** What following has done so far. */
record FollowerMetrics(
    Counter fetches,
    Counter bytes,
    Counter rejected,
    Counter catchUpBytes,
    Counter truncations,
    Counter restarts,
    Counter refusals,
    Counter failures) {

  static final String PREFIX = "penstock.follower.";

  static FollowerMetrics in(MetricRegistry registry) {
    return new FollowerMetrics(
        registry.counter(PREFIX + "fetches"),
        registry.counter(PREFIX + "bytes"),
        registry.counter(PREFIX + "appends.rejected"),
        registry.counter(PREFIX + "catching-up.bytes"),
        registry.counter(PREFIX + "truncations"),
        registry.counter(PREFIX + "restarts"),
        registry.counter(PREFIX + "refusals"),
        registry.counter(PREFIX + "fetches.failed"));
  }
}
