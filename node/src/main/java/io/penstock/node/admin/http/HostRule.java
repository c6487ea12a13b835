package io.penstock.node.admin.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * By which names the server may be asked. A page of anybody's in an operator's browser can have its
 * own name point to loopback and would then read what is there: the browser takes it for the page's
 * own server, and gives that name as the host. Immutable.
 */
public final class HostRule {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /** A name, an IPv4 address, or an IPv6 address in brackets; and a port, which is any. */
  private static final Pattern HOST = Pattern.compile("(\\[[^\\]]*]|[^:]*)(:[0-9]*)?");

  private final Set<String> names;

  /** Those names, or any where there are none. */
  private HostRule(Set<String> names) {
    this.names = names;
  }

  /** Of a server that others than this machine reach, by names that nobody here knows. */
  public static HostRule any() {
    return new HostRule(Set.of());
  }

  /** Of a server on loopback, and what its operator calls it. */
  public static HostRule loopback(String own) {
    String written = own.indexOf(':') >= 0 ? "[" + own + "]" : own;
    return new HostRule(
        Stream.concat(LOOPBACK.stream(), Stream.of(written.toLowerCase(Locale.ROOT)))
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether a request with these hosts is answered; without any no browser has made it. */
  boolean lets(List<String> hosts) {
    return names.isEmpty() || hosts.stream().allMatch(this::isOwn);
  }

  private boolean isOwn(String host) {
    Matcher parts = HOST.matcher(host.strip());
    return parts.matches() && names.contains(parts.group(1).toLowerCase(Locale.ROOT));
  }
}
