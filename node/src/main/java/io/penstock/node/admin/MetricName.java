package io.penstock.node.admin;

import java.util.HashSet;
import java.util.Set;

/**
 * What a metric is called in the registry, as Prometheus wants it. Names there are words between
 * dots, and may end with labels in braces, which are written as Prometheus writes them: {@code
 * penstock.group.lag.records{group="g"}}. Whatever is in braces and is not just that is taken as a
 * part of the name. Stateless.
 */
final class MetricName {

  private static final String PREFIX = "penstock_";

  /** A label that quantiles have. */
  private static final String QUANTILE = "quantile";

  private MetricName() {}

  /** Where the labels begin, behind their brace; the length of the name where there are none. */
  static int labelsFrom(String name) {
    int brace = name.indexOf('{');
    return brace > 0 && areLabels(name, brace) ? brace + 1 : name.length();
  }

  /** What is before the labels, of letters, digits and underscores. */
  static String family(String words) {
    StringBuilder family = new StringBuilder(words.length() + PREFIX.length());
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      family.append(isLetter(c) || isDigit(c) ? c : '_');
    }
    if (family.indexOf(PREFIX) != 0) {
      family.insert(0, PREFIX);
    }
    return family.toString();
  }

  private static boolean areLabels(String name, int brace) {
    Set<String> seen = new HashSet<>();
    int at = brace;
    do {
      int equals = name.indexOf('=', at);
      String label = equals < 0 ? "" : name.substring(at + 1, equals);
      if (!isLabelName(label) || !seen.add(label)) {
        return false;
      }
      at = behindValue(name, equals + 1);
    } while (at < name.length() && name.charAt(at) == ',');
    return at == name.length() - 1 && name.charAt(at) == '}';
  }

  private static boolean isLabelName(String label) {
    if (label.isEmpty() || isDigit(label.charAt(0)) || label.equals(QUANTILE)) {
      return false;
    }
    for (int i = 0; i < label.length(); i++) {
      if (!isLetter(label.charAt(i)) && !isDigit(label.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Behind the closing quote of the value that begins here; the name's length where none does. */
  private static int behindValue(String name, int from) {
    if (from >= name.length() || name.charAt(from) != '"') {
      return name.length();
    }
    for (int i = from + 1; i < name.length(); i++) {
      switch (name.charAt(i)) {
        case '"' -> {
          return i + 1;
        }
        case '\n' -> {
          return name.length();
        }
        case '\\' -> {
          i++;
          if (i == name.length() || "\\\"n".indexOf(name.charAt(i)) < 0) {
            return name.length();
          }
        }
        default -> {}
      }
    }
    return name.length();
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
