package io.penstock.replication.peer;

import org.jspecify.annotations.Nullable;

/** Why a peer gave no answer. Only {@code REFUSED} says that nobody is there. */
public final class PeerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Kind {
    /** The host answered that nobody listens there: the process is gone. */
    REFUSED,
    /** No connection came about: no route, no name, no answer of the host. */
    UNREACHABLE,
    /** The connection ended before the answer came; the request may have been served. */
    LOST,
    /** The answer did not come in time; the request may have been served. */
    TIMEOUT,
    /** One side does not want the other: another cluster, or a node id in use. */
    REJECTED,
    /** The peer does not know this request, or not in this version. */
    UNSUPPORTED,
    /** The peer could not serve the request; the message is its. */
    FAILED,
    /** Too much is under way to that peer. */
    BUSY,
    /** This node is stopping. */
    CLOSED
  }

  private final Kind kind;

  public PeerException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public PeerException(Kind kind, String message) {
    this(kind, message, null);
  }

  public Kind kind() {
    return kind;
  }
}
