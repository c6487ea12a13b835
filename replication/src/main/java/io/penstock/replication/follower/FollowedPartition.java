package io.penstock.replication.follower;

import io.penstock.replication.partition.FollowerPosition;
import io.penstock.replication.partition.FollowerSide;

/**
 * One replica on one lane in one leader epoch. Guarded by its lane; another role is another object,
 * so that what was begun for this one cannot touch the next.
 */
final class FollowedPartition {

  /** Whether it is asked for, or why it is not. */
  enum State {
    /** It is in the next fetch. */
    READY,
    /** It waits for the flush of what it has, which its next fetch would acknowledge. */
    HELD,
    /** Its log is being cut or started anew. */
    BUSY,
    /** It failed, and is tried again later. */
    DELAYED,
    /** It does not follow any more, or its disk failed; whoever assigns roles will say so. */
    ENDED
  }

  final ReplicaKey key;
  final FollowerSide side;
  final int leaderEpoch;
  State state = State.ENDED;
  FollowerPosition position;
  int failures;

  /** How far it is behind the leader's watermark, as of the last answer. */
  volatile long lag;

  FollowedPartition(ReplicaKey key, FollowerSide side, FollowerPosition position) {
    this.key = key;
    this.side = side;
    this.position = position;
    this.leaderEpoch = position.leaderEpoch();
  }
}
