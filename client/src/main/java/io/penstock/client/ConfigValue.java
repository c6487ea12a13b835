package io.penstock.client;

import org.jspecify.annotations.Nullable;

/**
 * One setting as it is in effect.
 *
 * @param value null where it is secret or has none
 */
public record ConfigValue(String name, @Nullable String value, Source source) {

  /** Where a value comes from, the nearest first. */
  public enum Source {
    TOPIC("this topic"),
    CLUSTER("the cluster"),
    NODE("the node's configuration"),
    DEFAULT("the default"),
    OTHER("elsewhere");

    private final String words;

    Source(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  public boolean isDefault() {
    return source == Source.DEFAULT;
  }
}
