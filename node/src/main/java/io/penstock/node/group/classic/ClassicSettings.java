package io.penstock.node.group.classic;

import io.penstock.node.group.effect.GroupLimits;
import java.time.Duration;

/**
 * The limits of classic groups.
 *
 * @param initialRebalanceDelayMs how long the first rebalance of an empty group waits for more
 *     members; each that comes meanwhile extends it, up to the rebalance timeout
 * @param membersMax how many members a group may have
 * @param snapshotBytesMax how large the record of a group may be: a generation that would not fit
 *     is not stored, and its members rejoin
 * @param memberBytesMax what the metadata of all members of a group may take together
 * @param pendingMax how many ids may be given out that nobody has joined with; more than that push
 *     out the oldest
 */
public record ClassicSettings(
    int initialRebalanceDelayMs,
    int sessionTimeoutMinMs,
    int sessionTimeoutMaxMs,
    int membersMax,
    int snapshotBytesMax,
    int memberBytesMax,
    int pendingMax) {

  /** What a batch takes besides the one record of a group, and more than that. */
  private static final int BATCH_RESERVE_BYTES = 64 << 10;

  /** Kafka's defaults, and bounds that Kafka does not have. */
  public static ClassicSettings standard() {
    return new ClassicSettings(
        3_000,
        6_000,
        1_800_000,
        Integer.MAX_VALUE,
        GroupLimits.BATCH_BYTES_MAX - BATCH_RESERVE_BYTES,
        64 << 20,
        10_000);
  }

  public ClassicSettings withInitialRebalanceDelayMs(int delayMs) {
    return new ClassicSettings(
        delayMs,
        sessionTimeoutMinMs,
        sessionTimeoutMaxMs,
        membersMax,
        snapshotBytesMax,
        memberBytesMax,
        pendingMax);
  }

  /** The same, with what an operator may set. */
  public ClassicSettings limitedBy(
      Duration initialRebalanceDelay,
      Duration sessionTimeoutMin,
      Duration sessionTimeoutMax,
      int members) {
    return new ClassicSettings(
        Math.toIntExact(initialRebalanceDelay.toMillis()),
        Math.toIntExact(sessionTimeoutMin.toMillis()),
        Math.toIntExact(sessionTimeoutMax.toMillis()),
        members,
        snapshotBytesMax,
        memberBytesMax,
        pendingMax);
  }
}
