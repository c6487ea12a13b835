package io.penstock.node.topic;

import io.penstock.node.topic.TopicConfig.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The kinds of rule that a topic setting's value has to meet. Pure. */
final class Refusals {

  static final Refusal NONE = value -> null;

  private Refusals() {}

  static Refusal atLeast(long min) {
    return value -> Long.parseLong(value) < min ? "it has to be at least " + min : null;
  }

  static Refusal between(long min, long max) {
    return value -> {
      long number = Long.parseLong(value);
      return number < min || number > max
          ? "it has to be at least " + min + " and at most " + max
          : null;
    };
  }

  static Refusal fraction() {
    return value -> {
      double number = Double.parseDouble(value);
      return number < 0 || number > 1 ? "it has to be at least 0 and at most 1" : null;
    };
  }

  static Refusal oneOf(String... allowed) {
    Set<String> values = Set.of(allowed);
    return value ->
        values.contains(value) ? null : "it has to be one of " + String.join(", ", allowed);
  }

  /** Each item from the list of allowed ones, none twice. */
  static Refusal listOf(String... allowed) {
    Set<String> values = Set.of(allowed);
    return value -> {
      Set<String> seen = new HashSet<>();
      for (String item : items(value)) {
        if (!values.contains(item)) {
          return "each item has to be one of " + String.join(", ", allowed);
        }
        if (!seen.add(item)) {
          return item + " is listed twice";
        }
      }
      return null;
    };
  }

  /** Only this value works in this version; the reason says what would be needed for others. */
  static Refusal only(String value, String reason) {
    return given -> given.equalsIgnoreCase(value) ? null : reason;
  }

  static Refusal both(Refusal first, Refusal second) {
    return value -> {
      String problem = first.of(value);
      return problem != null ? problem : second.of(value);
    };
  }

  static List<String> items(String list) {
    return list.isBlank() ? List.of() : List.of(list.strip().split("\\s*,\\s*"));
  }
}
