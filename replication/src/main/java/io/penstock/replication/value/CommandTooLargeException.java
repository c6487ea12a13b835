package io.penstock.replication.value;

/** A command is larger than an entry of the log may be; nothing was asked of the group. */
public final class CommandTooLargeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CommandTooLargeException(String message) {
    super(message);
  }
}
