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

  /** When it was first seen behind after it last had everything. */
  private long behindSinceMs = NEVER;

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

  /**
   * Whether it has been behind for longer than so. It is not only asked when it last had everything
   * but also when it was first seen not to: in a partition that was idle for long, where nobody has
   * asked for long, everybody is behind for a moment after an append.
   */
  boolean lags(long leaderEnd, long nowMs, long lagTimeMaxMs) {
    if (logEnd >= leaderEnd) {
      behindSinceMs = NEVER;
      return false;
    }
    if (behindSinceMs == NEVER) {
      behindSinceMs = nowMs;
    }
    return nowMs - Math.max(caughtUpMs, behindSinceMs) > lagTimeMaxMs;
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
      caughtUp(progress.nowMs());
    } else if (leaderEndAtLastFetch >= 0 && progress.fetchOffset() >= leaderEndAtLastFetch) {
      caughtUp(lastFetchMs);
    }
    brokerEpoch = progress.brokerEpoch();
    logEnd = progress.fetchOffset();
    leaderEndAtLastFetch = leaderEnd;
    lastFetchMs = progress.nowMs();
    return true;
  }

  /** It has become a member of the ISR, and has the whole lag time before it from here on. */
  void joined() {
    caughtUp(lastFetchMs);
    saidCaughtUp = false;
  }

  private void caughtUp(long ms) {
    caughtUpMs = Math.max(caughtUpMs, ms);
    behindSinceMs = NEVER;
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
