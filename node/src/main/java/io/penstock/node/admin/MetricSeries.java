package io.penstock.node.admin;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Meter;
import com.codahale.metrics.Metric;
import com.codahale.metrics.Timer;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One metric of the registry and what it is in Prometheus. Light, since there may be very many at a
 * time: the labels stay where they are in the name. Immutable.
 *
 * @param family the name that Prometheus knows, shared by all that differ in labels only
 * @param labelsFrom where labels begin in the registry's name, or its length
 */
record MetricSeries(Kind kind, String family, String name, int labelsFrom, Metric metric) {

  /** In which form a metric is shown. */
  enum Kind {
    /** A level; also Dropwizard's counters, since these can go down. */
    GAUGE("gauge", ""),
    /** A level in milliseconds, shown in seconds. */
    GAUGE_MS("gauge", "_seconds"),
    /** A meter: how many there have been. Its rates are Prometheus' to find. */
    TOTAL("counter", "_total"),
    SUMMARY("summary", ""),
    /** A timer, shown in seconds. */
    TIMES("summary", "_seconds");

    private final String type;
    private final String suffix;

    Kind(String type, String suffix) {
      this.type = type;
      this.suffix = suffix;
    }

    String type() {
      return type;
    }
  }

  private static final String MS = ".ms";

  /** So that a family is in one piece, of one kind, and what is there twice is side by side. */
  static final Comparator<MetricSeries> ORDER =
      Comparator.comparing(MetricSeries::family)
          .thenComparing(MetricSeries::kind)
          .thenComparing(MetricSeries::compareLabels);

  /** Null where it is none of which Prometheus knows the like. */
  static @Nullable MetricSeries of(String name, Metric metric, Families families) {
    int labelsFrom = MetricName.labelsFrom(name);
    String words = labelsFrom == name.length() ? name : name.substring(0, labelsFrom - 1);
    Kind kind = kindOf(words, metric);
    if (kind == null) {
      return null;
    }
    String bare = kind == Kind.GAUGE_MS ? words.substring(0, words.length() - MS.length()) : words;
    return new MetricSeries(kind, families.of(bare, kind), name, labelsFrom, metric);
  }

  private static @Nullable Kind kindOf(String words, Metric metric) {
    return switch (metric) {
      case Gauge<?> _ -> words.endsWith(MS) ? Kind.GAUGE_MS : Kind.GAUGE;
      case Counter _ -> Kind.GAUGE;
      case Meter _ -> Kind.TOTAL;
      case Histogram _ -> Kind.SUMMARY;
      case Timer _ -> Kind.TIMES;
      default -> null;
    };
  }

  /** What a family of this kind is called where its words in the registry are these. */
  static String familyOf(String words, Kind kind) {
    return MetricName.family(words) + kind.suffix;
  }

  /** Gives equal names of families as one. */
  @FunctionalInterface
  interface Families {
    String of(String words, Kind kind);
  }

  /** What is between the braces, and nothing where there are none. */
  String labels() {
    return labelsFrom == name.length() ? "" : name.substring(labelsFrom, name.length() - 1);
  }

  /** Whether Prometheus could not tell the two apart. */
  boolean isLike(MetricSeries other) {
    return family.equals(other.family) && compareLabels(other) == 0;
  }

  private int compareLabels(MetricSeries other) {
    int length = name.length() - labelsFrom;
    int otherLength = other.name.length() - other.labelsFrom;
    for (int i = 0; i < Math.min(length, otherLength); i++) {
      int order =
          Character.compare(name.charAt(labelsFrom + i), other.name.charAt(other.labelsFrom + i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(length, otherLength);
  }
}
