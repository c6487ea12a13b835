package io.penstock.client;

import org.apache.kafka.common.protocol.Errors;

/** A broker's refusal, in words that say what it refused and, where we know, what to do. */
public final class AdminException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Errors error;

  public AdminException(Errors error, String message) {
    super(message);
    this.error = error;
  }

  /** The protocol's name for it. */
  public Errors error() {
    return error;
  }
}
