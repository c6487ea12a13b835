package io.penstock.storage.batch;

/** The records of a batch are not what its header says: nobody can read them. */
public final class MalformedRecordsException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedRecordsException(String what) {
    super(what);
  }

  public MalformedRecordsException(String what, Throwable cause) {
    super(what, cause);
  }
}
