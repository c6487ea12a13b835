package io.penstock.node.net;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * What the network layer counts, under {@code penstock.connections}, {@code penstock.network} and
 * {@code penstock.request}. Any thread.
 */
final class NetMetrics {

  private static final long WINDOW_NS = TimeUnit.MINUTES.toNanos(1);

  private final MetricRegistry registry;
  private final Counter open;
  private final Meter accepted;
  private final Meter refused;
  private final Meter closedIdle;
  private final Meter closedStalled;
  private final Meter handlerFailures;
  private final Meter taskFailures;
  private final Meter fileBytes;
  private final Meter withoutPipe;

  NetMetrics(MetricRegistry registry) {
    this.registry = registry;
    this.open = registry.counter("penstock.connections.open");
    this.accepted = registry.meter("penstock.connections.accepted");
    this.refused = registry.meter("penstock.connections.refused");
    this.closedIdle = registry.meter("penstock.connections.closed.idle");
    this.closedStalled = registry.meter("penstock.connections.closed.stalled");
    this.handlerFailures = registry.meter("penstock.request.failures");
    this.fileBytes = registry.meter("penstock.network.bytes.from.files");
    this.withoutPipe = registry.meter("penstock.network.splice.without.pipe");
    this.taskFailures = registry.meter("penstock.network.task.failures");
  }

  /** From the frame to the moment the response is handed to the socket, waits included. */
  Timer requestTime(ApiKeys api) {
    return registry.timer(
        "penstock.request.time." + api.name,
        () -> new Timer(new RecentTimes(WINDOW_NS, System::nanoTime)));
  }

  /** A connection closed because of what its peer sent; the reason is one of our own words. */
  void malformed(String reason) {
    registry.meter("penstock.request.malformed").mark();
    registry.meter("penstock.request.malformed." + reason).mark();
  }

  void gauge(String name, Gauge<?> gauge) {
    registry.remove(name);
    registry.gauge(name, () -> gauge);
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
