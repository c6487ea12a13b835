package io.penstock.node.net;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * What the network layer counts for one listener, under {@code penstock.connections}, {@code
 * penstock.network} and {@code penstock.request}, or the same below {@code penstock.peer}. Any
 * thread.
 */
final class NetMetrics {

  private static final long WINDOW_NS = TimeUnit.MINUTES.toNanos(1);

  private final MetricRegistry registry;
  private final String prefix;
  private final Counter open;
  private final Meter accepted;
  private final Meter refused;
  private final Meter closedIdle;
  private final Meter closedStalled;
  private final Meter handlerFailures;
  private final Meter taskFailures;
  private final Meter fileBytes;
  private final Meter withoutPipe;

  NetMetrics(MetricRegistry registry, ListenerKind kind) {
    this.registry = registry;
    this.prefix = kind.metricPrefix();
    this.open = registry.counter(prefix + "connections.open");
    this.accepted = registry.meter(prefix + "connections.accepted");
    this.refused = registry.meter(prefix + "connections.refused");
    this.closedIdle = registry.meter(prefix + "connections.closed.idle");
    this.closedStalled = registry.meter(prefix + "connections.closed.stalled");
    this.handlerFailures = registry.meter(prefix + "request.failures");
    this.fileBytes = registry.meter(prefix + "network.bytes.from.files");
    this.withoutPipe = registry.meter(prefix + "network.splice.without.pipe");
    this.taskFailures = registry.meter(prefix + "network.task.failures");
  }

  /** From the frame to the moment the response is handed to the socket, waits included. */
  Timer requestTime(ApiKeys api) {
    return registry.timer(
        prefix + "request.time." + api.name,
        () -> new Timer(new RecentTimes(WINDOW_NS, System::nanoTime)));
  }

  /** A connection closed because of what its peer sent; the reason is one of our own words. */
  void malformed(String reason) {
    registry.meter(prefix + "request.malformed").mark();
    registry.meter(prefix + "request.malformed." + reason).mark();
  }

  /** The name without what all names here begin with. */
  void gauge(String name, Gauge<?> gauge) {
    registry.remove(prefix + name);
    registry.gauge(prefix + name, () -> gauge);
  }

  void opened() {
    open.inc();
    accepted.mark();
  }

  void closed() {
    open.dec();
  }

  void refused() {
    refused.mark();
  }

  void closedIdle() {
    closedIdle.mark();
  }

  void closedStalled() {
    closedStalled.mark();
  }

  void handlerFailed() {
    handlerFailures.mark();
  }

  /** Bytes of responses with file ranges that sockets took. */
  void sentFromFiles(long bytes) {
    fileBytes.mark(bytes);
  }

  /** A range of a file went by sendfile because there was no pipe to be had. */
  void sentWithoutPipe() {
    withoutPipe.mark();
  }

  void taskFailed() {
    taskFailures.mark();
  }
}
