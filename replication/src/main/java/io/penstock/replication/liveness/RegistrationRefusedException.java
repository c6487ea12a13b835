package io.penstock.replication.liveness;

/** The cluster does not want this broker; the message says what an operator can do about it. */
public final class RegistrationRefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public RegistrationRefusedException(String message) {
    super(message);
  }
}
