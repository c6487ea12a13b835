package io.penstock.node.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.penstock.node.admin.http.Body;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A registry as Prometheus reads it. */
@Timeout(60)
class MetricsBodyTest {

  private final MetricRegistry registry = new MetricRegistry();

  @Test
  void showsEachKindOfMetricAsWhatItIsInPrometheus() {
    gauge("penstock.groups.count", 3L);
    gauge("penstock.cleaner.dirty.ratio", 0.25);
    gauge("penstock.network.native", true);
    registry.counter("penstock.connections.open").inc(2);
    registry.meter("penstock.produce.bytes").mark(1L << 40);
    registry.histogram("penstock.batch.records").update(7);
    registry.timer("penstock.log.flush.time").update(1_500, TimeUnit.MILLISECONDS);

    PrometheusText text = read();

    assertEquals(3.0, text.samples().get("penstock_groups_count"));
    assertEquals(0.25, text.samples().get("penstock_cleaner_dirty_ratio"));
    assertEquals(1.0, text.samples().get("penstock_network_native"));
    assertEquals(2.0, text.samples().get("penstock_connections_open"));
    assertEquals((double) (1L << 40), text.samples().get("penstock_produce_bytes_total"));
    assertEquals(7.0, text.samples().get("penstock_batch_records{quantile=0.999}"));
    assertEquals(1.0, text.samples().get("penstock_batch_records_count"));
    assertEquals(1.5, text.samples().get("penstock_log_flush_time_seconds{quantile=0.5}"));
    assertEquals(
        Map.of(
            "penstock_groups_count", "gauge",
            "penstock_cleaner_dirty_ratio", "gauge",
            "penstock_network_native", "gauge",
            "penstock_connections_open", "gauge",
            "penstock_produce_bytes_total", "counter",
            "penstock_batch_records", "summary",
            "penstock_log_flush_time_seconds", "summary"),
        text.types());
  }

  @Test
  void showsMillisecondsInSeconds() {
    gauge("penstock.group.lag.ms{group=\"g\"}", 1_500L);

    assertEquals(1.5, read().samples().get("penstock_group_lag_seconds{group=g}"));
  }

  @Test
  void takesLabelsFromTheBracesOfAName() {
    gauge("penstock.lag{group=\"a\",topic=\"t\",partition=\"0\"}", 1);
    gauge("penstock.lag{group=\"b\",topic=\"t\",partition=\"0\"}", 2);
    gauge("penstock.lag{group=\"q\\\"\\\\ \\n{,}=\"}", 3);
    registry.timer("penstock.call{api=\"x\"}").update(1, TimeUnit.SECONDS);

    Map<String, Double> samples = read().samples();

    assertEquals(1.0, samples.get("penstock_lag{group=a, partition=0, topic=t}"));
    assertEquals(2.0, samples.get("penstock_lag{group=b, partition=0, topic=t}"));
    assertEquals(3.0, samples.get("penstock_lag{group=q\"\\ \n{,}=}"));
    assertEquals(1.0, samples.get("penstock_call_seconds{api=x, quantile=0.99}"));
    assertEquals(1.0, samples.get("penstock_call_seconds_count{api=x}"));
  }

  @Test
  void takesBracesThatHoldNoLabelsAsAPartOfTheName() {
    gauge("penstock.a{x}", 1);
    gauge("penstock.b{x=\"1\"", 1);
    gauge("penstock.c{x=\"1\"}\npenstock_forged 5", 1);
    gauge("penstock.d{x=\"\n\"}", 1);
    gauge("penstock.e{x=\"\\q\"}", 1);
    gauge("penstock.f{x=\"1\",x=\"2\"}", 1);
    gauge("penstock.g{quantile=\"1\"}", 1);
    gauge("penstock.h{x=\"1\",}", 1);
    gauge("penstock.i{1x=\"1\"}", 1);
    gauge("penstock.j{x=\"1\\\"}", 1);

    Map<String, Double> samples = read().samples();

    assertEquals(10, samples.size());
    assertTrue(samples.keySet().stream().noneMatch(name -> name.contains("{")), samples::toString);
    assertTrue(samples.containsKey("penstock_c_x__1___penstock_forged_5"), samples::toString);
  }

  @Test
  void makesNamesOfWhateverThereIs() {
    gauge("9 Größen: a-b/c", 1);
    gauge("", 2);

    Map<String, Double> samples = read().samples();

    assertEquals(1.0, samples.get("penstock_9_Gr__en__a_b_c"));
    assertEquals(2.0, samples.get("penstock_"));
  }

  @Test
  void leavesOutWhatHasNoValue() {
    gauge("penstock.text", "words");
    gauge("penstock.nothing", null);
    registry.gauge(
        "penstock.broken",
        () ->
            (Gauge<Long>)
                () -> {
                  throw new IllegalStateException("closed");
                });
    gauge("penstock.good", 1);

    PrometheusText text = read();

    assertEquals(Map.of("penstock_good", 1.0), text.samples());
    assertEquals(Map.of("penstock_good", "gauge"), text.types());
  }

  @Test
  void showsWhatCannotBeToldApartOnce() {
    gauge("penstock.a.b", 1);
    gauge("penstock.a-b", 2);
    gauge("penstock.x.ms", 1);
    registry.timer("penstock.x").update(1, TimeUnit.SECONDS);

    PrometheusText text = read();

    assertEquals(2, text.samples().size());
    assertEquals("gauge", text.types().get("penstock_x_seconds"));
  }

  @Test
  void writesWhatIsNotFinite() {
    gauge("penstock.nan", Double.NaN);
    gauge("penstock.up", Double.POSITIVE_INFINITY);
    gauge("penstock.down", Float.NEGATIVE_INFINITY);
    gauge("penstock.small", 1e-12);

    Map<String, Double> samples = read().samples();

    assertEquals(Double.NaN, samples.get("penstock_nan"));
    assertEquals(Double.POSITIVE_INFINITY, samples.get("penstock_up"));
    assertEquals(Double.NEGATIVE_INFINITY, samples.get("penstock_down"));
    assertEquals(1e-12, samples.get("penstock_small"));
  }

  @Test
  void writesAHundredThousandGaugesPieceByPiece() {
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      gauge("penstock.group.lag.partition.records{group=\"g\",partition=\"" + i + "\"}", i);
    }
    MetricsBody body = new MetricsBody(registry);
    int largest = 0;
    int pieces = 0;

    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece = body.next(); piece.length > 0; piece = body.next()) {
      largest = Math.max(largest, piece.length);
      pieces++;
      all.writeBytes(piece);
    }

    assertTrue(largest < 2 * Body.PIECE_BYTES, "a piece of " + largest);
    assertTrue(pieces > 100, pieces + " pieces");
    assertEquals(
        count, PrometheusText.parse(all.toString(StandardCharsets.UTF_8)).samples().size());
  }

  private void gauge(String name, @Nullable Object value) {
    registry.gauge(name, () -> (Gauge<@Nullable Object>) () -> value);
  }

  private PrometheusText read() {
    MetricsBody body = new MetricsBody(registry);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece = body.next(); piece.length > 0; piece = body.next()) {
      all.writeBytes(piece);
    }
    return PrometheusText.parse(all.toString(StandardCharsets.UTF_8));
  }
}
