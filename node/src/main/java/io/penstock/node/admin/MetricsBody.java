package io.penstock.node.admin;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.admin.http.Body;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All of a registry in Prometheus' text format, version 0.0.4. The names are taken at the
 * beginning, each value when its piece is made; the text of more than one piece is never in memory.
 */
final class MetricsBody implements Body {

  private final MetricRegistry registry;
  private final StringBuilder text = new StringBuilder();
  private final MetricWriter writer = new MetricWriter(text);
  private List<MetricSeries> series = List.of();
  private int next = -1;

  MetricsBody(MetricRegistry registry) {
    this.registry = registry;
  }

  @Override
  public byte[] next() {
    if (next < 0) {
      series = inOrder();
      next = 0;
    }
    while (next < series.size() && text.length() < PIECE_BYTES) {
      writer.write(series.get(next++));
    }
    byte[] piece = text.toString().getBytes(StandardCharsets.UTF_8);
    text.setLength(0);
    return piece;
  }

  private List<MetricSeries> inOrder() {
    Map<String, String> names = new HashMap<>();
    List<MetricSeries> all = new ArrayList<>();
    registry
        .getMetrics()
        .forEach((name, metric) -> {
          MetricSeries each =
              MetricSeries.of(
                  name,
                  metric,
                  (words, kind) -> {
                    String family = MetricSeries.familyOf(words, kind);
                    String known = names.putIfAbsent(family, family);
                    return known == null ? family : known;
                  });
          if (each != null) {
            all.add(each);
          }
        });
    all.sort(MetricSeries.ORDER);
    return all;
  }
}
