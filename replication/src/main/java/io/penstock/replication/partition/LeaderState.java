package io.penstock.replication.partition;

import io.penstock.replication.value.NodeIds;
import java.util.Arrays;

/**
 * What a leader knows of its replicas in one leader epoch: how far each has come, who is in sync,
 * and the high watermark that follows from it. Pure arithmetic without clock or I/O; it is confined
 * to the partition's lock. The high watermark never goes back, and never passes the log end of a
 * replica in sync.
 */
final class LeaderState {

  private static final long UNKNOWN_OFFSET = -1;

  private final int self;
  private LeaderTerm term;
  private long[] logEnds;
  private long highWatermark;

  LeaderState(int self, LeaderTerm term, long logEndOffset, long highWatermark) {
    this.self = self;
    this.term = term;
    this.logEnds = new long[term.replicas().size()];
    Arrays.fill(logEnds, UNKNOWN_OFFSET);
    setLogEnd(self, logEndOffset);
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

  /** The replicas or those in sync have changed within this leader epoch. */
  void termChanged(LeaderTerm changed) {
    NodeIds replicas = changed.replicas();
    long[] moved = new long[replicas.size()];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = logEnd(replicas.get(i));
    }
    logEnds = moved;
    term = changed;
  }

  /** What counts of this node's own log now ends here. */
  void ownEndMoved(long endOffset) {
    setLogEnd(self, endOffset);
  }

  /**
   * A follower asked for this offset, so it has everything before it.
   *
   * @return false where it is not one of the partition's replicas
   */
  boolean followerFetched(int follower, long offset) {
    return follower != self && setLogEnd(follower, offset);
  }

  /**
   * Whether as many replicas are in sync as the topic demands. As in Kafka, a topic cannot demand
   * more than it has replicas, or it could never be written to.
   */
  boolean hasEnoughInSync(int minInSync) {
    return term.inSync().size() >= Math.min(minInSync, term.replicas().size());
  }

  /**
   * Takes the high watermark as far as every replica in sync has come, and returns it. It stays
   * where it is while too few are in sync: what only they have is not safe to show.
   */
  long advance(int minInSync) {
    NodeIds inSync = term.inSync();
    if (inSync.isEmpty() || !hasEnoughInSync(minInSync)) {
      return highWatermark;
    }
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < inSync.size(); i++) {
      lowest = Math.min(lowest, logEnd(inSync.get(i)));
    }
    highWatermark = Math.max(highWatermark, lowest);
    return highWatermark;
  }

  private long logEnd(int node) {
    int index = term.replicas().indexOf(node);
    return index < 0 ? UNKNOWN_OFFSET : logEnds[index];
  }

  private boolean setLogEnd(int node, long offset) {
    int index = term.replicas().indexOf(node);
    if (index < 0) {
      return false;
    }
    logEnds[index] = offset;
    return true;
  }
}
