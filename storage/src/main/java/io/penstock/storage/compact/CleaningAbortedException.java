package io.penstock.storage.compact;

/** A cleaning ended before its time: the node stops, or the log was cut or deleted meanwhile. */
public final class CleaningAbortedException extends Exception {
  private static final long serialVersionUID = 1L;

  public CleaningAbortedException(String why) {
    super(why, null, false, false);
  }
}
