package io.penstock.replication.raft;

import java.io.IOException;

/**
 * A member did not answer. Ratis tries again, and says so each time: without a stack trace, which
 * would tell nothing.
 */
final class RaftRpcException extends IOException {

  private static final long serialVersionUID = 1L;

  RaftRpcException(String message) {
    super(message);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
