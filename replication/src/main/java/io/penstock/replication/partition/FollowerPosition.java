package io.penstock.replication.partition;

/**
 * Where a replica stands that follows: in which leader epoch it follows whom, and where its log
 * ends. What a leader sends is for the position from which it was asked, and for no other.
 *
 * @param lastEpoch the leader epoch of the last record, -1 where there is none
 */
public record FollowerPosition(
    int leader, int leaderEpoch, long logEndOffset, int lastEpoch, long logStartOffset) {

  /** Whether it is the same, but for the start of the log, which moves by itself. */
  boolean isSamePlace(FollowerPosition other) {
    return leader == other.leader
        && leaderEpoch == other.leaderEpoch
        && logEndOffset == other.logEndOffset
        && lastEpoch == other.lastEpoch;
  }
}
