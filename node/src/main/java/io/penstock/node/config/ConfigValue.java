package io.penstock.node.config;

import java.util.LinkedHashMap;
import java.util.List;

/** A parsed file before it means anything: what was written, and on which line. */
sealed interface ConfigValue {

  int line();

  /** A word or number as it was written; an empty value is an empty text. */
  record Scalar(String text, int line) implements ConfigValue {}

  /** Items in the order of the file. */
  record Sequence(List<ConfigValue> items, int line) implements ConfigValue {}

  /** Keys in the order of the file, each once. */
  record Mapping(LinkedHashMap<String, Entry> entries, int line) implements ConfigValue {}

  /** One key's value, and the line of the key. */
  record Entry(ConfigValue value, int line) {}
}
