package io.penstock.node.config;

import java.util.List;

/** A configuration that cannot be used. Each problem is one line: place, what is wrong, remedy. */
public final class ConfigException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  public ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
