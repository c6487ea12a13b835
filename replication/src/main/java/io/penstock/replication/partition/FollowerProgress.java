package io.penstock.replication.partition;

/**
 * A follower has asked for records, and so has everything before that offset.
 *
 * @param nodeId who copies
 * @param brokerEpoch of the registration that it copies under (KIP-903); -1 where it does not say,
 *     which keeps it from joining the ISR
 * @param leaderEpoch in which this node found that the follower's log fits its own
 * @param fetchOffset what it asked for
 * @param logStartOffset where its log begins, or {@link #UNKNOWN_START}
 * @param nowMs when its request came, by a clock that never goes back; the same one by which {@code
 *     IsrKeeper} judges who lags
 */
public record FollowerProgress(
    int nodeId,
    long brokerEpoch,
    int leaderEpoch,
    long fetchOffset,
    long logStartOffset,
    long nowMs) {

  /** Of one who does not know its broker epoch. */
  public static final long UNKNOWN_BROKER = -1;

  /** Of one who does not say where its log begins. */
  public static final long UNKNOWN_START = -1;

  public FollowerProgress(
      int nodeId, long brokerEpoch, int leaderEpoch, long fetchOffset, long nowMs) {
    this(nodeId, brokerEpoch, leaderEpoch, fetchOffset, UNKNOWN_START, nowMs);
  }
}
