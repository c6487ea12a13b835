package io.penstock.node.admin.http;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import java.util.function.IntSupplier;

/** What the server counts of itself, under {@code penstock.admin}. Any thread. */
final class HttpMetrics {

  private static final String PREFIX = "penstock.admin.";

  private final MetricRegistry registry;
  private final Meter requests;
  private final Meter refused;
  private final Meter failed;
  private final Meter gaveWay;
  private final Meter slow;

  HttpMetrics(MetricRegistry registry) {
    this.registry = registry;
    this.requests = registry.meter(PREFIX + "requests");
    this.refused = registry.meter(PREFIX + "requests.refused");
    this.failed = registry.meter(PREFIX + "requests.failed");
    this.gaveWay = registry.meter(PREFIX + "connections.gave.way");
    this.slow = registry.meter(PREFIX + "connections.closed.slow");
  }

  void show(IntSupplier connections) {
    Gauge<Integer> gauge = connections::getAsInt;
    registry.remove(PREFIX + "connections.open");
    registry.gauge(PREFIX + "connections.open", () -> gauge);
  }

  void request() {
    requests.mark();
  }

  /** One that breaks a rule or a bound. */
  void refused() {
    refused.mark();
  }

  /** One whose answer could not be made. */
  void failed() {
    failed.mark();
  }

  /** A connection was closed, or not taken, because there are too many. */
  void gaveWay() {
    gaveWay.mark();
  }

  /** A connection was closed because its client took too long. */
  void slow() {
    slow.mark();
  }
}
