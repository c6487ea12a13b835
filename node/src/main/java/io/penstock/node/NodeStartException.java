package io.penstock.node;

/** A start that an operator has to help with; the message says what is wrong and what to do. */
public final class NodeStartException extends Exception {

  private static final long serialVersionUID = 1L;

  public NodeStartException(String message) {
    super(message);
  }

  public NodeStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
