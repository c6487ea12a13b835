package io.penstock.replication.partition;

/** What became of a step of a replica that follows. */
public sealed interface FollowerStep {

  /**
   * It stands here now.
   *
   * @param held whether it may not acknowledge yet what it has, since its settings ask for a flush
   *     first: the next fetch has to wait for that
   */
  record At(FollowerPosition position, boolean held) implements FollowerStep {}

  /** What the leader sent is damaged or not what comes next; nothing of it was stored. */
  record Rejected(String message) implements FollowerStep {}

  /** The first batch begins before the log's end, with nothing before it that is still wanted. */
  record Misaligned(long baseOffset) implements FollowerStep {}

  /** The disk is full; nothing was stored. */
  record NoRoom(String message) implements FollowerStep {}

  /** It does not follow anybody, or its disk has failed. */
  record Ended() implements FollowerStep {}
}
