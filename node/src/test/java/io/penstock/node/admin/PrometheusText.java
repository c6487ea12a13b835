package io.penstock.node.admin;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads Prometheus' text format as strictly as it is written down, and fails where anything is not
 * quite so: a family in two pieces, a series twice, a name, label, escape or value of another form.
 */
public final class PrometheusText {

  private static final Set<String> TYPES = Set.of("counter", "gauge", "summary");

  private final Map<String, String> types = new TreeMap<>();
  private final Map<String, Double> samples = new LinkedHashMap<>();
  private final Set<String> series = new HashSet<>();
  private String family = "";

  private PrometheusText() {}

  /** Fails where the text is not in the format. */
  public static PrometheusText parse(String text) {
    PrometheusText parsed = new PrometheusText();
    check(text.isEmpty() || text.endsWith("\n"), "the last line has no end");
    for (String line : text.isEmpty() ? new String[0] : text.split("\n", -1)) {
      if (line.startsWith("#")) {
        parsed.type(line);
      } else if (!line.isEmpty()) {
        parsed.sample(line);
      }
    }
    return parsed;
  }

  /** By family. */
  public Map<String, String> types() {
    return types;
  }

  /** By name and labels, these sorted and without escapes: {@code name{a=x, b=y}}. */
  public Map<String, Double> samples() {
    return samples;
  }

  private void type(String line) {
    String[] words = line.split(" ", -1);
    check(words.length == 4 && words[1].equals("TYPE"), line);
    check(words[2].matches("[a-zA-Z_][a-zA-Z0-9_]*"), line);
    check(TYPES.contains(words[3]), line);
    check(types.put(words[2], words[3]) == null, "in two pieces: " + line);
    check(!words[3].equals("counter") || words[2].endsWith("_total"), line);
    family = words[2];
  }

  private void sample(String line) {
    int nameEnd = 0;
    while (nameEnd < line.length() && " {".indexOf(line.charAt(nameEnd)) < 0) {
      nameEnd++;
    }
    String name = line.substring(0, nameEnd);
    String type = types.getOrDefault(family, "");
    boolean isCount = type.equals("summary") && name.equals(family + "_count");
    boolean known = name.equals(family) || isCount;
    check(known, "not of the family " + family + ": " + line);
    Map<String, String> labels = new TreeMap<>();
    int at = nameEnd;
    if (line.charAt(at) == '{') {
      at = labels(line, at, labels);
    }
    check(at < line.length() && line.charAt(at) == ' ', line);
    check(series.add(name + labels), "twice: " + line);
    check(name.equals(family) == labels.containsKey("quantile") || !type.equals("summary"), line);
    samples.put(labels.isEmpty() ? name : name + labels, value(line.substring(at + 1), line));
  }

  /** Where the labels end, behind their brace. */
  private static int labels(String line, int brace, Map<String, String> labels) {
    int at = brace;
    do {
      int equals = line.indexOf('=', at);
      check(equals > 0, line);
      String label = line.substring(at + 1, equals);
      check(label.matches("[a-zA-Z_][a-zA-Z0-9_]*"), line);
      check(line.charAt(equals + 1) == '"', line);
      StringBuilder value = new StringBuilder();
      for (at = equals + 2; line.charAt(at) != '"'; at++) {
        if (line.charAt(at) == '\\') {
          at++;
          int escape = "\\\"n".indexOf(line.charAt(at));
          check(escape >= 0, line);
          value.append("\\\"\n".charAt(escape));
        } else {
          value.append(line.charAt(at));
        }
      }
      check(labels.put(label, value.toString()) == null, line);
      at++;
    } while (line.charAt(at) == ',');
    check(line.charAt(at) == '}', line);
    return at + 1;
  }

  private static double value(String text, String line) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> {
        check(text.matches("-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?"), line);
        yield Double.parseDouble(text);
      }
    };
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
