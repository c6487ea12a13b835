package io.penstock.node.formation;

/** The others do not want this node as it is configured; the message says what to do about it. */
public final class FormationException extends Exception {

  private static final long serialVersionUID = 1L;

  public FormationException(String message) {
    super(message);
  }
}
