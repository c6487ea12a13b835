package io.penstock.node.config;

import io.penstock.node.config.ConfigValue.Entry;
import io.penstock.node.config.ConfigValue.Mapping;
import io.penstock.node.config.ConfigValue.Scalar;
import io.penstock.node.config.ConfigValue.Sequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of the file, asked for its settings by name and type. What is not asked for is
 * unknown; {@link #finish} reports it. A problem is noted and the default returned, so that one
 * reading finds all problems.
 */
final class ConfigSection {

  private final String file;
  private final String path;
  private final Mapping mapping;
  private final List<String> problems;
  private final TreeSet<String> known = new TreeSet<>();

  ConfigSection(String file, String path, Mapping mapping, List<String> problems) {
    this.file = file;
    this.path = path;
    this.mapping = mapping;
    this.problems = problems;
  }

  ConfigSection section(String key) {
    String inner = path.isEmpty() ? key : path + "." + key;
    Entry entry = entry(key);
    if (entry != null && entry.value() instanceof Mapping found) {
      return new ConfigSection(file, inner, found, problems);
    }
    if (entry != null && !isEmpty(entry.value())) {
      problem(entry.line(), key, "holds settings of its own", "indent them below `" + key + ":`");
    }
    return new ConfigSection(file, inner, new Mapping(new LinkedHashMap<>(), 0), problems);
  }

  @Nullable String text(String key) {
    Entry entry = entry(key);
    if (entry == null || isEmpty(entry.value())) {
      return null;
    }
    if (entry.value() instanceof Scalar scalar) {
      return scalar.text();
    }
    problem(entry.line(), key, "takes one value", "write `" + key + ": VALUE`");
    return null;
  }

  /** Whether something that takes other values, too, is to be left out. */
  boolean isOff(String key) {
    return "off".equals(text(key));
  }

  boolean flag(String key, boolean byDefault) {
    String text = text(key);
    if (text == null || text.equals("true") || text.equals("false")) {
      return text == null ? byDefault : text.equals("true");
    }
    wrong(key, text, "write true or false");
    return byDefault;
  }

  int integer(String key, int byDefault, int min, int max) {
    String text = text(key);
    if (text == null) {
      return byDefault;
    }
    if (text.matches("-?[0-9]{1,10}")) {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return (int) value;
      }
    }
    wrong(key, text, "write a whole number from " + min + " to " + max);
    return byDefault;
  }

  long bytes(String key, long byDefault, long min, long max) {
    String text = text(key);
    if (text == null) {
      return byDefault;
    }
    OptionalLong value = Units.bytes(text);
    if (value.isEmpty()) {
      wrong(key, text, Units.bytesRemedy(text));
      return byDefault;
    }
    if (value.getAsLong() < min || value.getAsLong() > max) {
      String range = Units.printBytes(min) + " to " + Units.printBytes(max);
      wrong(key, text, "write something from " + range);
      return byDefault;
    }
    return value.getAsLong();
  }

  Duration duration(String key, Duration byDefault, Duration min, Duration max) {
    String text = text(key);
    if (text == null) {
      return byDefault;
    }
    OptionalLong value = Units.millis(text);
    if (value.isEmpty()) {
      wrong(key, text, Units.durationRemedy(text));
      return byDefault;
    }
    long millis = value.getAsLong();
    if (millis < min.toMillis() || millis > max.toMillis()) {
      String range = Units.printDuration(min) + " to " + Units.printDuration(max);
      wrong(key, text, "write something from " + range);
      return byDefault;
    }
    return Duration.ofMillis(millis);
  }

  @Nullable HostPort address(String key) {
    String text = text(key);
    if (text == null) {
      return null;
    }
    HostPort address = HostPort.parse(text).orElse(null);
    if (address == null) {
      wrong(key, text, "write HOST:PORT, for example 127.0.0.1:9092");
    }
    return address;
  }

  /** A list of values, each turned into what it means; null from {@code item} refuses it. */
  <T> List<T> list(String key, Function<String, @Nullable T> item, String remedy) {
    Entry entry = entry(key);
    if (entry == null || isEmpty(entry.value())) {
      return List.of();
    }
    List<ConfigValue> items =
        entry.value() instanceof Sequence sequence ? sequence.items() : List.of(entry.value());
    List<T> values = new ArrayList<>();
    for (ConfigValue value : items) {
      String text = value instanceof Scalar scalar ? scalar.text() : "";
      T made = item.apply(text);
      if (made == null) {
        problem(value.line(), key, "cannot hold `" + text + "`", remedy);
      } else {
        values.add(made);
      }
    }
    return values;
  }

  /** Every key of this section with its value, for a section whose keys another table knows. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String key : mapping.entries().keySet()) {
      texts.put(key, joined(key));
    }
    return texts;
  }

  void wrong(String key, String text, String remedy) {
    Entry entry = mapping.entries().get(key);
    problem(entry == null ? mapping.line() : entry.line(), key, "cannot be `" + text + "`", remedy);
  }

  void unknown(String key, Iterable<String> candidates) {
    Entry entry = mapping.entries().get(key);
    int line = entry == null ? mapping.line() : entry.line();
    String nearest = Spelling.nearest(key, candidates);
    String remedy =
        nearest == null
            ? "known here: " + String.join(", ", candidates)
            : "did you mean `" + nearest + "`?";
    String where = path.isEmpty() ? "" : " in `" + path + "`";
    problems.add(file + ":" + line + ": unknown setting `" + key + "`" + where + "; " + remedy);
  }

  void finish() {
    for (String key : mapping.entries().keySet()) {
      if (!known.contains(key)) {
        unknown(key, known);
      }
    }
  }

  private String joined(String key) {
    Entry entry = entry(key);
    if (entry != null && entry.value() instanceof Sequence) {
      return String.join(",", list(key, text -> text, "write plain values"));
    }
    String text = text(key);
    return text == null ? "" : text;
  }

  private @Nullable Entry entry(String key) {
    known.add(key);
    return mapping.entries().get(key);
  }

  /** Once, though a setting may be read for what it could be, and then again for what it is. */
  private void problem(int line, String key, String what, String remedy) {
    String name = path.isEmpty() ? key : path + "." + key;
    String problem = file + ":" + line + ": `" + name + "` " + what + "; " + remedy;
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  private static boolean isEmpty(ConfigValue value) {
    return value instanceof Scalar scalar && scalar.text().isEmpty();
  }
}
