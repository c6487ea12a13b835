package io.penstock.node.api;

import java.net.SocketAddress;

/**
 * What handlers may know about the connection that a request came on. It lives as long as the
 * connection; all of it may be read on any thread.
 */
public interface ConnectionInfo {

  /** Unique among the connections of this process, never used twice. */
  long id();

  SocketAddress remoteAddress();

  /** The name of the listener that accepted the connection. */
  String listener();

  /** Who the peer is, as {@code User:name}; {@code User:ANONYMOUS} until it has authenticated. */
  String principal();

  boolean isOpen();
}
