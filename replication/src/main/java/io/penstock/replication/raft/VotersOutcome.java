package io.penstock.replication.raft;

/** What became of a change of a group's voters. */
public record VotersOutcome(Kind kind, String message) {

  public static final VotersOutcome DONE = new VotersOutcome(Kind.DONE, "");

  /** How it ended. */
  public enum Kind {
    DONE,
    /** This node does not lead, or not yet; nothing was changed. */
    NOT_LEADER,
    /** The voters are not those that were expected; nothing was changed. */
    CHANGED,
    /** Another change is under way; nothing was changed by this one. */
    IN_PROGRESS,
    /** A new voter did not answer or did not catch up; nothing was changed. */
    NOT_CAUGHT_UP,
    /** It is not known: it may have been made. Look at the voters. */
    UNKNOWN
  }
}
