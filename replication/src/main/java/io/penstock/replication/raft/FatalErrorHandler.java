package io.penstock.replication.raft;

/**
 * Ends the process. Called where this replica cannot go on without computing another state than the
 * others, or where Ratis has closed a group for good. May be called on any thread, and twice.
 */
@FunctionalInterface
public interface FatalErrorHandler {

  void halt(String reason, Throwable cause);
}
