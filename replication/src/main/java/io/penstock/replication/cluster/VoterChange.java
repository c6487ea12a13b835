package io.penstock.replication.cluster;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A change of who decides, made in both groups, one voter at a time. It is refused, as a value,
 * where the voters that live afterwards would be no majority.
 */
public sealed interface VoterChange {

  /** The node, which runs as an observer by now, gets a vote under its present directory. */
  record Add(int nodeId, @Nullable UUID directoryId) implements VoterChange {}

  /** The voter loses its vote. {@code directoryId} null stands for the only one of that node. */
  record Remove(int nodeId, @Nullable UUID directoryId) implements VoterChange {}

  /** What became of a change. */
  record Outcome(Error error, String message) {

    public static final Outcome DONE = new Outcome(Error.NONE, "");
  }

  /** Why a change was not made. */
  @SuppressWarnings("AvoidCommonTypeNames") // it is only ever spoken of as VoterChange.Error
  enum Error {
    NONE,
    /** The node is a voter already. */
    DUPLICATE_VOTER,
    /** No such voter. */
    VOTER_NOT_FOUND,
    /** The node does not run, or has another directory than was said. */
    NOT_REACHABLE,
    /** Too few voters would be alive afterwards; the message counts them. */
    NO_LIVE_MAJORITY,
    /** Another change is under way. */
    IN_PROGRESS,
    /** The change may have been made in part; asking again finishes it. */
    UNKNOWN_OUTCOME
  }
}
