package io.penstock.node.api;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What handlers may know about the connection that a request came on. It lives as long as the
 * connection; all of it may be read on any thread.
 */
public interface ConnectionInfo {

  /** Not the id of any node. */
  int NO_PEER = -1;

  /** Unique among the connections of its listener in this process, never used twice. */
  long id();

  SocketAddress remoteAddress();

  /** The name of the listener that accepted the connection. */
  String listener();

  /** Who the peer is, as {@code User:name}; {@code User:ANONYMOUS} until it has authenticated. */
  String principal();

  boolean isOpen();

  /** The node at the other end, or {@link #NO_PEER} where none has introduced itself. */
  default int peerNodeId() {
    ConnectionAttachment attached = attachment();
    return attached == null ? NO_PEER : attached.peerNodeId();
  }

  /** What a handler has attached, or null. */
  @Nullable ConnectionAttachment attachment();

  /**
   * Attaches something in place of what was attached. On the loop of the connection only; where the
   * connection has ended by now, the attachment is told at once.
   */
  void attach(ConnectionAttachment attachment);
}
