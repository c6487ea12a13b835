package io.penstock.replication.leadership;

import org.jspecify.annotations.Nullable;

/** Which topic names are legal: Kafka's rules, since directories and metrics are named by them. */
public final class TopicNames {

  /** The longest name: a directory is called {@code <topic>-<partition>} and has 255 bytes. */
  public static final int LENGTH_MAX = 249;

  private TopicNames() {}

  /** What is wrong with the name, or null. */
  public static @Nullable String problemOf(String name) {
    if (name.isEmpty()) {
      return "the topic name is empty";
    }
    if (name.equals(".") || name.equals("..")) {
      return "the topic name cannot be '" + name + "'";
    }
    if (name.length() > LENGTH_MAX) {
      return "the topic name has " + name.length() + " characters, more than " + LENGTH_MAX;
    }
    for (int i = 0; i < name.length(); i++) {
      if (!isLegal(name.charAt(i))) {
        return "the topic name '" + name + "' has a character other than a-z A-Z 0-9 . _ -";
      }
    }
    return null;
  }

  private static boolean isLegal(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  static boolean canCollide(String name) {
    return name.indexOf('.') >= 0 || name.indexOf('_') >= 0;
  }

  /** Metrics write '.' as '_', so names that differ only there would share their metrics. */
  static String metricName(String name) {
    return name.replace('.', '_');
  }
}
