package io.penstock.replication.partition;

/**
 * How far one follower has come in the present leader epoch, and when it last had everything. Pure;
 * confined to the partition's lock.
 */
final class FollowerState {

  private static final long NEVER = -1;

  private long logEnd = NEVER;
  private long brokerEpoch = FollowerProgress.UNKNOWN_BROKER;
  private long lastFetchMs = NEVER;
  private long leaderEndAtLastFetch = NEVER;
  private long caughtUpMs = NEVER;
  private boolean saidCaughtUp;

  /** The end of its log as far as it is known, -1 before it was heard of. */
  long logEnd() {
    return logEnd;
  }

  /** Under which registration it copies. */
  long brokerEpoch() {
    return brokerEpoch;
  }

  /** When it last asked, -1 for never in this leader epoch. */
  long lastFetchMs() {
    return lastFetchMs;
  }

  /** The last moment at which it is known to have had all that the leader had; -1 for none. */
  long caughtUpMs() {
    return caughtUpMs;
  }

  /**
   * It has asked for an offset while the leader's log ended at another. As in Kafka, who asks for
   * the end as it was when it last asked had everything at that time: under load nobody ever asks
   * for the end as it is.
   *
   * @return false where this comes from a process that is gone, and says nothing
   */
  boolean fetched(FollowerProgress progress, long leaderEnd) {
    if (progress.brokerEpoch() < brokerEpoch) {
      return false;
    }
    if (progress.fetchOffset() >= leaderEnd) {
      caughtUpMs = Math.max(caughtUpMs, progress.nowMs());
    } else if (leaderEndAtLastFetch >= 0 && progress.fetchOffset() >= leaderEndAtLastFetch) {
      caughtUpMs = Math.max(caughtUpMs, lastFetchMs);
    }
    brokerEpoch = progress.brokerEpoch();
    logEnd = progress.fetchOffset();
    leaderEndAtLastFetch = leaderEnd;
    lastFetchMs = progress.nowMs();
    return true;
  }

  /** It has become a member of the ISR, and has the whole lag time before it from here on. */
  void joined() {
    caughtUpMs = Math.max(caughtUpMs, lastFetchMs);
    saidCaughtUp = false;
  }

  /**
   * Whether it is news that the follower has, or has not, all that it needs to join the ISR: true
   * for the first fetch with which it has.
   */
  boolean isNewsThatItMayJoin(boolean may) {
    boolean news = may && !saidCaughtUp;
    saidCaughtUp = may;
    return news;
  }

  /** What was said of it is to be said again, since another partition epoch has begun. */
  void forgetNews() {
    saidCaughtUp = false;
  }
}
