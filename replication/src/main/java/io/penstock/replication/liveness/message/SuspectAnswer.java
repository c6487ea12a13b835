package io.penstock.replication.liveness.message;

/** Whether a suspicion has reached somebody who can act on it. */
public sealed interface SuspectAnswer {

  /** It is looked into, or is known to be nothing. */
  record Taken() implements SuspectAnswer {}

  /** Somebody else leads; {@code leaderId} is -1 where it is not known who. */
  record NotLeader(int leaderId) implements SuspectAnswer {}
}
