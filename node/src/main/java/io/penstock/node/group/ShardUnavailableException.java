package io.penstock.node.group;

import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.Errors;

/** An event did not happen, for this reason. No stack trace: clients decide how often this is. */
public final class ShardUnavailableException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Errors error;

  ShardUnavailableException(Errors error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  public Errors error() {
    return error;
  }

  /** The reason why something failed, for clients. */
  static Errors errorOf(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof ShardUnavailableException unavailable
        ? unavailable.error()
        : Errors.UNKNOWN_SERVER_ERROR;
  }
}
