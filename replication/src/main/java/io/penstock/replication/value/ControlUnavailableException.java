package io.penstock.replication.value;

import org.jspecify.annotations.Nullable;

/**
 * The group did not answer in time, has no leader, or this node is stopping. Unless nothing was
 * asked of anybody, the command may have been taken or may still be: look at the image.
 */
public final class ControlUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean mayHaveBeenTaken;

  public ControlUnavailableException(String message, @Nullable Throwable cause) {
    this(message, cause, true);
  }

  public ControlUnavailableException(String message) {
    this(message, null);
  }

  private ControlUnavailableException(
      String message, @Nullable Throwable cause, boolean mayHaveBeenTaken) {
    super(message, cause);
    this.mayHaveBeenTaken = mayHaveBeenTaken;
  }

  /** The command reached nobody who could have taken it. */
  public static ControlUnavailableException nothingAsked(
      String message, @Nullable Throwable cause) {
    return new ControlUnavailableException(message, cause, false);
  }

  /** Whether the outcome is open; if not, nothing has happened and nothing will. */
  public boolean mayHaveBeenTaken() {
    return mayHaveBeenTaken;
  }
}
