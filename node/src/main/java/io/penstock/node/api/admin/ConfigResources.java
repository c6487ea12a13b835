package io.penstock.node.api.admin;

import org.jspecify.annotations.Nullable;

/** What configuration can belong to, by the numbers of the Kafka protocol. */
final class ConfigResources {

  static final byte TOPIC = 2;
  static final byte BROKER = 4;
  static final byte GROUP = 32;

  private static final int GROUP_ID_CHARS_MAX = 1_024;

  private ConfigResources() {}

  static boolean isThisNode(String name, int nodeId) {
    return name.equals(Integer.toString(nodeId));
  }

  /** What is wrong with the name of a group, in words; null where nothing is. */
  static @Nullable String problemOfGroup(String name) {
    if (name.isEmpty()) {
      return "a group has to be named";
    }
    return name.length() > GROUP_ID_CHARS_MAX
        ? "the name of a group is longer than " + GROUP_ID_CHARS_MAX + " characters"
        : null;
  }

  static String unsupported(byte type) {
    String kind =
        switch (type) {
          case 8 -> "broker loggers";
          case 16 -> "client metrics";
          default -> "resources of type " + type;
        };
    return "there are no settings of " + kind + " here";
  }
}
