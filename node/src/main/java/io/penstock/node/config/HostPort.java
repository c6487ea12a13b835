package io.penstock.node.config;

import java.util.Optional;

/** Where a socket listens or is reached; IPv6 addresses are written in brackets. Immutable. */
public record HostPort(String host, int port) {

  /** Reads {@code host:port} or {@code [ipv6]:port}; empty where the text is neither. */
  public static Optional<HostPort> parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      return Optional.empty();
    }
    String host = text.substring(0, colon).strip();
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      return Optional.empty();
    }
    String digits = text.substring(colon + 1);
    if (host.isEmpty() || !digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > 65_535) {
      return Optional.empty();
    }
    return Optional.of(new HostPort(host, Integer.parseInt(digits)));
  }

  public HostPort withPort(int otherPort) {
    return new HostPort(host, otherPort);
  }

  /** Whether this names every interface, which a socket can listen on but no client can dial. */
  public boolean isWildcard() {
    return host.equals("0.0.0.0") || host.equals("::") || host.equals("0:0:0:0:0:0:0:0");
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
