package io.penstock.replication.follower;

import io.penstock.replication.follower.FollowedPartition.State;
import io.penstock.replication.partition.FollowerPosition;
import io.penstock.replication.partition.FollowerStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of a lane, which of them are asked for, and what the leader remembers of that.
 * Memory only, without clock; guarded by the lane. A partition is out of the fetch while it cannot
 * be asked for, and the leader has to forget it then: it would answer for it again and again.
 */
final class LaneMembers {

  /** How long the leader may keep a fetch at first while a partition is about to come back. */
  private static final int SHORT_WAIT_MS = 4;

  /** In the order in which they are named where nothing is remembered: who had data comes last. */
  private final LinkedHashMap<ReplicaKey, FollowedPartition> members = new LinkedHashMap<>();

  private final FetchSession session = new FetchSession();
  private final Delays delays = new Delays();
  private int ready;
  private int comingBack;
  private int shortWaitMs = SHORT_WAIT_MS;

  /** What the next fetch says of partitions. */
  record Round(boolean fresh, List<PartitionFetch> changed, List<ReplicaKey> forgotten) {}

  boolean isEmpty() {
    return members.isEmpty();
  }

  boolean hasSomethingToAsk() {
    return ready > 0;
  }

  boolean contains(FollowedPartition partition) {
    return members.get(partition.key) == partition;
  }

  /** Takes a partition in, in place of what it was here before. */
  void add(FollowedPartition partition, FollowerStep.At at) {
    var _ = remove(partition.key);
    members.put(partition.key, partition);
    put(partition, at);
  }

  @Nullable FollowedPartition remove(ReplicaKey key) {
    FollowedPartition removed = members.remove(key);
    if (removed != null) {
      enter(removed, State.ENDED);
    }
    return removed;
  }

  /** It stands here now. */
  void put(FollowedPartition partition, FollowerStep.At at) {
    if (at.position().leaderEpoch() != partition.leaderEpoch) {
      enter(partition, State.ENDED);
      return;
    }
    partition.position = at.position();
    enter(partition, at.held() ? State.HELD : State.READY);
  }

  /** It had something new, so that the others come first where all of them are named. */
  void moveToEnd(FollowedPartition partition) {
    members.putLast(partition.key, partition);
  }

  void begin(FollowedPartition partition) {
    enter(partition, State.BUSY);
  }

  void end(FollowedPartition partition) {
    enter(partition, State.ENDED);
  }

  void delay(FollowedPartition partition, long untilMs) {
    enter(partition, State.DELAYED);
    delays.add(untilMs, partition);
  }

  long nextDelayMs() {
    return delays.nextMs();
  }

  /** Those whose delay has ended. */
  List<FollowedPartition> due(long nowMs) {
    List<FollowedPartition> due = new ArrayList<>();
    for (FollowedPartition partition : delays.due(nowMs)) {
      if (contains(partition) && partition.state == State.DELAYED) {
        due.add(partition);
      }
    }
    return due;
  }

  /**
   * The partition that an answer is for; null where it is not wanted any more, or from somewhere
   * else than the leader was asked for.
   */
  @Nullable FollowedPartition asked(ReplicaKey key) {
    FollowedPartition partition = members.get(key);
    boolean wanted =
        partition != null
            && partition.state == State.READY
            && partition.position.equals(session.asked(key));
    return wanted ? partition : null;
  }

  /** The leader remembers nothing any more. */
  void lostSession() {
    session.reset();
  }

  Round next(int bytesMax) {
    FetchSession.Round round = session.next(members.keySet(), this::wanted);
    List<PartitionFetch> changed = new ArrayList<>(round.changed().size());
    for (ReplicaKey key : round.changed()) {
      FollowerPosition at = session.asked(key);
      if (at != null) {
        changed.add(fetchFrom(key, at, bytesMax));
      }
    }
    return new Round(round.fresh(), changed, round.forgotten());
  }

  private @Nullable FollowerPosition wanted(ReplicaKey key) {
    FollowedPartition partition = members.get(key);
    return partition != null && partition.state == State.READY ? partition.position : null;
  }

  private static PartitionFetch fetchFrom(ReplicaKey key, FollowerPosition at, int bytesMax) {
    return new PartitionFetch(
        key, at.leaderEpoch(), at.logEndOffset(), at.lastEpoch(), at.logStartOffset(), bytesMax);
  }

  /**
   * How long the leader may keep the next fetch: not until long after a partition comes back, whose
   * acknowledgement somebody may wait for.
   */
  int waitMs(long nowMs, int idleMs) {
    long wait = Math.min(idleMs, Math.max(1, delays.nextMs() - nowMs));
    if (comingBack > 0) {
      wait = Math.min(wait, shortWaitMs);
      shortWaitMs = Math.min(2 * shortWaitMs, idleMs);
    }
    return (int) wait;
  }

  long maxLag() {
    return members.values().stream().mapToLong(partition -> partition.lag).max().orElse(0);
  }

  private void enter(FollowedPartition partition, State next) {
    count(partition.state, -1);
    partition.state = next;
    count(next, 1);
    if (next == State.READY) {
      session.touch(partition.key);
    } else {
      session.doubt(partition.key);
    }
  }

  private void count(State state, int by) {
    switch (state) {
      case READY -> ready += by;
      case HELD, BUSY -> {
        comingBack += by;
        shortWaitMs = SHORT_WAIT_MS;
      }
      case DELAYED, ENDED -> {}
    }
  }
}
