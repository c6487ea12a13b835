package io.penstock.replication.liveness.message;

/** What became of a broker's registration. */
public sealed interface RegisterAnswer {

  /** It is registered, fenced, under this epoch. */
  record Registered(long brokerEpoch) implements RegisterAnswer {}

  /** It is not, and will not be unless something is changed; the message says what. */
  record Refused(Reason reason, String message) implements RegisterAnswer {}

  /** Not now: something else is under way for this node id, or the group did not agree in time. */
  record Retry(String message) implements RegisterAnswer {}

  /** Somebody else leads; {@code leaderId} is -1 where it is not known who. */
  record NotLeader(int leaderId) implements RegisterAnswer {}

  /** Why a broker is not wanted. */
  enum Reason {
    /** A living process is registered under this node id. */
    NODE_ID_IN_USE,
    /** The registration is not what the rules allow. */
    INVALID
  }
}
