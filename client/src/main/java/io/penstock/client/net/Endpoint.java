package io.penstock.client.net;

import java.util.ArrayList;
import java.util.List;

/** Where a broker listens. */
public record Endpoint(String host, int port) {

  public static final int DEFAULT_PORT = 9092;

  public Endpoint {
    if (host.isBlank()) {
      throw new IllegalArgumentException("a broker address needs a host");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
    }
  }

  /** Reads {@code HOST:PORT}, {@code HOST} or {@code [IPV6]:PORT}. */
  public static Endpoint parse(String text) {
    String trimmed = text.trim();
    int bracket = trimmed.lastIndexOf(']');
    int colon = trimmed.lastIndexOf(':');
    if (colon <= bracket) {
      return new Endpoint(withoutBrackets(trimmed), DEFAULT_PORT);
    }
    String host = trimmed.substring(0, colon);
    if (bracket < 0 && host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "'" + text + "': write an IPv6 address in brackets, as in [::1]:9092");
    }
    try {
      return new Endpoint(withoutBrackets(host), Integer.parseInt(trimmed.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT", e);
    }
  }

  /** Reads a comma-separated list, as in {@code bootstrap.servers}. */
  public static List<Endpoint> parseList(String text) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      endpoints.add(parse(each));
    }
    return List.copyOf(endpoints);
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
