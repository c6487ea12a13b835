package io.penstock.replication.value;

/**
 * Bytes of the log or of a snapshot that this version cannot read: a newer one wrote them, or they
 * are damaged. There is no safe way on but to stop: skipping one command would compute another
 * cluster than the other replicas.
 */
public final class UnknownFormatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UnknownFormatException(String message) {
    super(message);
  }
}
