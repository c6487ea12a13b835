package io.penstock.node.dev;

/** A cluster cannot be laid out or run as asked; the message says why and what to do instead. */
public final class DevException extends Exception {

  private static final long serialVersionUID = 1L;

  DevException(String message) {
    super(message);
  }

  DevException(String message, Throwable cause) {
    super(message, cause);
  }
}
