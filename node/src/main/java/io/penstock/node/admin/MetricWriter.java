package io.penstock.node.admin;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.Sampling;
import com.codahale.metrics.Snapshot;
import io.penstock.node.admin.MetricSeries.Kind;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes series in Prometheus' text format, given in {@link MetricSeries#ORDER}. What has no value
 * at the moment, or fails to tell it, is left out, and so is what would be there twice. Used by one
 * thread at a time.
 */
final class MetricWriter {

  private static final Logger LOG = LoggerFactory.getLogger(MetricWriter.class);

  private static final double[] QUANTILES = {0.5, 0.75, 0.95, 0.98, 0.99, 0.999};
  private static final double MS_PER_SECOND = 1e3;
  private static final double NS_PER_SECOND = 1e9;

  private final StringBuilder out;
  private @Nullable MetricSeries before;

  MetricWriter(StringBuilder out) {
    this.out = out;
  }

  void write(MetricSeries series) {
    MetricSeries last = before;
    boolean begins = last == null || !last.family().equals(series.family());
    if (last != null && !begins && (last.kind() != series.kind() || last.isLike(series))) {
      return;
    }
    int length = out.length();
    try {
      if (begins) {
        writeType(series);
      }
      if (writeValues(series)) {
        before = series;
      } else {
        out.setLength(length);
      }
    } catch (RuntimeException failure) {
      out.setLength(length);
      LOG.debug("A metric does not tell its value: metric={}", series.name(), failure);
    }
  }

  private void writeType(MetricSeries series) {
    out.append("# TYPE ")
        .append(series.family())
        .append(' ')
        .append(series.kind().type())
        .append('\n');
  }

  private boolean writeValues(MetricSeries series) {
    String labels = series.labels();
    return switch (series.kind()) {
      case GAUGE, GAUGE_MS -> writeLevel(series, labels);
      case TOTAL -> {
        writeLine(series.family(), labels, count(series.metric()));
        yield true;
      }
      case SUMMARY, TIMES -> {
        writeSummary(series, labels);
        yield true;
      }
    };
  }

  private boolean writeLevel(MetricSeries series, String labels) {
    Object value =
        switch (series.metric()) {
          case Gauge<?> gauge -> gauge.getValue();
          case Counter counter -> counter.getCount();
          default -> null;
        };
    String text = series.kind() == Kind.GAUGE_MS ? seconds(value) : text(value);
    if (text == null) {
      return false;
    }
    writeLine(series.family(), labels, text);
    return true;
  }

  private void writeSummary(MetricSeries series, String labels) {
    if (series.metric() instanceof Sampling sampling) {
      Snapshot snapshot = sampling.getSnapshot();
      double unit = series.kind() == Kind.TIMES ? NS_PER_SECOND : 1;
      for (double quantile : QUANTILES) {
        String label = "quantile=\"" + quantile + "\"";
        writeLine(
            series.family(),
            labels.isEmpty() ? label : labels + "," + label,
            text(snapshot.getValue(quantile) / unit));
      }
    }
    // Dropwizard keeps no sum, and one that is guessed is worse than none.
    writeLine(series.family() + "_count", labels, count(series.metric()));
  }

  private void writeLine(String name, String labels, String value) {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    out.append(' ').append(value).append('\n');
  }

  private static String count(Metric metric) {
    return metric instanceof Counting counting ? Long.toString(counting.getCount()) : "0";
  }

  private static @Nullable String seconds(@Nullable Object value) {
    return value instanceof Number number ? text(number.doubleValue() / MS_PER_SECOND) : null;
  }

  /** Null where it is no number. */
  private static @Nullable String text(@Nullable Object value) {
    return switch (value) {
      case Boolean flag -> flag ? "1" : "0";
      case BigInteger whole -> whole.toString();
      case Number number ->
          isWhole(number) ? Long.toString(number.longValue()) : text(number.doubleValue());
      case null, default -> null;
    };
  }

  private static boolean isWhole(Number number) {
    return number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte;
  }

  private static String text(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Double.toString(value);
  }
}
