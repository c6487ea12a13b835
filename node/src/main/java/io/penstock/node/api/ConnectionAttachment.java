package io.penstock.node.api;

/** What a handler keeps with a connection from one request to the next. */
@FunctionalInterface
public interface ConnectionAttachment {

  /**
   * The connection has ended. Called once, on the connection's loop.
   *
   * @param byThisNode false where the other side ended it, or what lies between
   */
  void connectionEnded(boolean byThisNode);

  /** The node at the other end, if it has introduced itself as one. */
  default int peerNodeId() {
    return ConnectionInfo.NO_PEER;
  }
}
