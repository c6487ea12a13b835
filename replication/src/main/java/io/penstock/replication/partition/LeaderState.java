package io.penstock.replication.partition;

import io.penstock.replication.value.NodeIds;
import org.jspecify.annotations.Nullable;

/**
 * What a leader knows of its replicas in one leader epoch: how far each has come, who is in sync,
 * and the high watermark that follows from it. Pure arithmetic without clock or I/O; it is confined
 * to the partition's lock.
 *
 * <p>Two ISRs matter. The committed one is what the image shows. The largest possible one is that
 * together with all that was asked for under the same partition epoch: any of it may have been
 * taken without this node having seen it. The high watermark never goes back, never passes the log
 * end of a member of the largest ISR, and stands still while the committed one is too small: so
 * whoever is elected from whatever ISR holds all that was said to be committed, as does who has
 * left an ISR that is too small since (KIP-966).
 */
final class LeaderState {

  /** What a fetch says of a follower. */
  enum News {
    /** It is no replica, or a process that is gone. */
    NOBODY,
    NOTHING,
    /** Out of the ISR as it is, it has for the first time all that a member needs. */
    CAUGHT_UP
  }

  private static final long UNKNOWN_TIME = -1;
  private static final long UNKNOWN_OFFSET = -1;

  private final int self;
  private final long epochStartOffset;
  private LeaderTerm term;
  private NodeIds largestIsr;

  /** In the order of the replicas; null for this node. */
  private @Nullable FollowerState[] followers;

  private long ownEnd;
  private long highWatermark;

  /** When the followers were first judged: none can have been missed for longer. */
  private long beganMs = UNKNOWN_TIME;

  LeaderState(int self, LeaderTerm term, long logEndOffset, long highWatermark) {
    this.self = self;
    this.epochStartOffset = logEndOffset;
    this.term = term;
    this.largestIsr = term.inSync();
    this.followers = new @Nullable FollowerState[term.replicas().size()];
    for (int i = 0; i < followers.length; i++) {
      followers[i] = term.replicas().get(i) == self ? null : new FollowerState();
    }
    this.ownEnd = logEndOffset;
    this.highWatermark = Math.min(highWatermark, logEndOffset);
  }

  LeaderTerm term() {
    return term;
  }

  int leaderEpoch() {
    return term.leaderEpoch();
  }

  long highWatermark() {
    return highWatermark;
  }

  /** All who may be in the ISR now, as far as this node can know. */
  NodeIds largestIsr() {
    return largestIsr;
  }

  /** The replicas or those in sync have changed within this leader epoch, or nothing has. */
  void termChanged(LeaderTerm changed) {
    if (changed.partitionEpoch() == term.partitionEpoch()) {
      return;
    }
    NodeIds replicas = changed.replicas();
    @Nullable FollowerState[] moved = new @Nullable FollowerState[replicas.size()];
    for (int i = 0; i < moved.length; i++) {
      int node = replicas.get(i);
      FollowerState known = follower(node);
      moved[i] = known == null && node != self ? new FollowerState() : known;
    }
    NodeIds before = term.inSync();
    followers = moved;
    term = changed;
    largestIsr = changed.inSync();
    for (int i = 0; i < moved.length; i++) {
      FollowerState follower = moved[i];
      int node = replicas.get(i);
      if (follower != null && changed.inSync().contains(node) && !before.contains(node)) {
        follower.joined();
      } else if (follower != null) {
        follower.forgetNews();
      }
    }
  }

  /** What counts of this node's own log now ends here. */
  void ownEndMoved(long endOffset) {
    ownEnd = endOffset;
  }

  /** A follower has everything before an offset, while this node's log ends at another. */
  News followerFetched(FollowerProgress progress, long logEndOffset) {
    FollowerState follower = follower(progress.nodeId());
    if (follower == null || !follower.fetched(progress, logEndOffset)) {
      return News.NOBODY;
    }
    boolean mayJoin =
        !largestIsr.contains(progress.nodeId())
            && progress.brokerEpoch() != FollowerProgress.UNKNOWN_BROKER
            && hasAllThatWasCommitted(follower);
    return follower.isNewsThatItMayJoin(mayJoin) ? News.CAUGHT_UP : News.NOTHING;
  }

  /**
   * Whether as many replicas are in sync as the topic demands. As in Kafka, a topic cannot demand
   * more than it has replicas, or it could never be written to.
   */
  boolean hasEnoughInSync(int minInSync) {
    return term.inSync().size() >= Math.min(minInSync, term.replicas().size());
  }

  /**
   * Takes the high watermark as far as every replica that may be in sync has come, and returns it.
   * It stays where it is while too few are in sync: what only they have is not safe to show.
   */
  long advance(int minInSync) {
    if (!hasEnoughInSync(minInSync)) {
      return highWatermark;
    }
    long lowest = ownEnd;
    for (int i = 0; i < largestIsr.size(); i++) {
      lowest = Math.min(lowest, logEnd(largestIsr.get(i)));
    }
    highWatermark = Math.max(highWatermark, lowest);
    return highWatermark;
  }

  /**
   * The ISR to ask for now, which counts from here on; null where all is as it should be. A member
   * leaves when it was not seen at the end of this log for the lag time, or is known to be gone.
   * Who is none joins when it has all that was committed and what this epoch began with, and copies
   * under the registration that the cluster knows (KIP-903).
   *
   * @param logEndOffset of this node, whether it counts already or not
   */
  @Nullable IsrProposal propose(long logEndOffset, IsrJudge judge) {
    if (beganMs == UNKNOWN_TIME) {
      beganMs = judge.nowMs();
    }
    NodeIds current = term.inSync();
    NodeIds wanted =
        term.replicas()
            .filter(node ->
                current.contains(node)
                    ? mayStay(node, logEndOffset, judge)
                    : mayJoin(node, logEndOffset, judge));
    if (sameMembers(wanted, current) && sameMembers(largestIsr, current)) {
      return null;
    }
    NodeIds largest = largestIsr;
    largestIsr = term.replicas().filter(node -> largest.contains(node) || wanted.contains(node));
    return new IsrProposal(term.leaderEpoch(), term.partitionEpoch(), current, wanted);
  }

  private boolean mayStay(int node, long logEndOffset, IsrJudge judge) {
    FollowerState follower = follower(node);
    if (follower == null) {
      return true;
    }
    return !follower.lags(logEndOffset, judge.nowMs(), judge.lagTimeMaxMs())
        && !judge.isGone(node, Math.max(follower.lastFetchMs(), beganMs));
  }

  /** Who has everything need not have asked for long: an idle partition is not asked about. */
  private boolean mayJoin(int node, long logEndOffset, IsrJudge judge) {
    FollowerState follower = follower(node);
    return follower != null
        && hasAllThatWasCommitted(follower)
        && (follower.logEnd() >= logEndOffset
            || judge.nowMs() - follower.lastFetchMs() <= judge.lagTimeMaxMs())
        && !judge.isGone(node, follower.lastFetchMs())
        && judge.mayJoin(node, follower.brokerEpoch());
  }

  private boolean hasAllThatWasCommitted(FollowerState follower) {
    return follower.logEnd() >= Math.max(highWatermark, epochStartOffset);
  }

  private long logEnd(int node) {
    if (node == self) {
      return ownEnd;
    }
    FollowerState follower = follower(node);
    return follower == null ? UNKNOWN_OFFSET : follower.logEnd();
  }

  /** Null for this node, and for who is no replica. */
  private @Nullable FollowerState follower(int node) {
    int index = term.replicas().indexOf(node);
    return index < 0 ? null : followers[index];
  }

  private static boolean sameMembers(NodeIds some, NodeIds others) {
    return some.size() == others.size() && some.containsAll(others);
  }
}
