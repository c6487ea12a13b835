package io.penstock.node.group.classic;

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

  /** Kafka's defaults, and bounds that Kafka does not have. */
  public static ClassicSettings standard() {
    return new ClassicSettings(
        3_000, 6_000, 1_800_000, Integer.MAX_VALUE, 1_000_000, 64 << 20, 10_000);
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
}
