package io.penstock.node.api;

import java.io.IOException;

/**
 * A file does not give the bytes that a response promised from it: it ends before them, or the disk
 * fails. Told apart from a socket that fails, which is everyday life and not worth a word.
 */
public final class BrokenRangeException extends IOException {

  private static final long serialVersionUID = 1L;

  public BrokenRangeException(String message) {
    super(message);
  }
}
