package io.penstock.client.net;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;

/**
 * A request that got no answer. Whether the broker has carried it out is unknown, but for the kinds
 * that say otherwise.
 */
public final class BrokerConnectionException extends IOException {

  private static final long serialVersionUID = 1L;

  /** On Linux. */
  private static final int ECONNREFUSED = 111;

  /** What went wrong, for callers that decide whether to try again and where. */
  public enum Kind {
    /** No connection could be made; nothing was sent. */
    UNREACHABLE,
    /** The connection ended before the answer. */
    CLOSED,
    /** The answer did not come in time; the connection was closed. */
    TIMED_OUT,
    /** As many requests as allowed are in flight; this one was not sent. */
    BUSY,
    /** Both sides know the API in no common version; nothing was sent. */
    UNSUPPORTED,
    /** The answer was not what the protocol says; the connection was closed. */
    MALFORMED;

    /** True where the broker cannot have seen the request. */
    public boolean nothingSent() {
      return this == UNREACHABLE || this == BUSY || this == UNSUPPORTED;
    }
  }

  private final Kind kind;

  public BrokerConnectionException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public BrokerConnectionException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /**
   * Whether the host answered that nobody listens there, which says more than that it could not be
   * reached: the process is gone.
   */
  public boolean isRefusal() {
    return kind == Kind.UNREACHABLE
        && getCause() instanceof ConnectException cause
        && isRefusal(cause);
  }

  /** Neither the JDK nor Netty gives the number to read; Netty's native transport prints it. */
  private static boolean isRefusal(ConnectException cause) {
    String message = String.valueOf(cause.getMessage());
    return !(cause instanceof ConnectTimeoutException)
        && (message.contains("refused") || message.contains("error(" + -ECONNREFUSED + ")"));
  }
}
