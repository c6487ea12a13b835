package io.penstock.replication.value;

import org.jspecify.annotations.Nullable;

/**
 * The group did not answer in time, has no leader, or this node is stopping. The command may have
 * been taken or may still be: ask again with the same ids and look at the image.
 */
public final class ControlUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ControlUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public ControlUnavailableException(String message) {
    super(message);
  }
}
