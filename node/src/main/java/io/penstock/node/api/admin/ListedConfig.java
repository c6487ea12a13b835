package io.penstock.node.api.admin;

import io.penstock.node.topic.ConfigType;
import java.util.List;

/** One setting as it is shown to clients: its value, and from where, of all places, it comes. */
record ListedConfig(
    String name,
    String value,
    Source source,
    boolean readOnly,
    ConfigType type,
    String documentation,
    List<Synonym> synonyms) {

  /** Where else the value could come from, or does; the strongest first. */
  record Synonym(String name, String value, Source source) {}

  /** The places, with Kafka's numbers for them. */
  enum Source {
    TOPIC(1),
    NODE_FILE(4),
    BUILT_IN(5),
    GROUP(8);

    private final byte code;

    Source(int code) {
      this.code = (byte) code;
    }

    byte code() {
      return code;
    }
  }
}
