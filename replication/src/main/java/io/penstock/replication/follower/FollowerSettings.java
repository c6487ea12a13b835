package io.penstock.replication.follower;

/**
 * How this node copies.
 *
 * @param maxWaitMs how long a leader may keep a fetch that has nothing to tell
 * @param fetchBytesMax of one fetch, over all partitions
 * @param partitionBytesMax of one partition in one fetch, but for one first batch
 * @param backoffMinMs the wait after a first failure; each one after it doubles
 * @param backoffMaxMs the longest wait
 * @param catchUpBytesPerSecond for all replicas together that are not in sync; {@link
 *     Long#MAX_VALUE} is no limit
 */
public record FollowerSettings(
    int maxWaitMs,
    int fetchBytesMax,
    int partitionBytesMax,
    long backoffMinMs,
    long backoffMaxMs,
    long catchUpBytesPerSecond) {

  public FollowerSettings {
    if (maxWaitMs < 1
        || fetchBytesMax < 1
        || partitionBytesMax < 1
        || backoffMinMs < 1
        || backoffMaxMs < backoffMinMs
        || catchUpBytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "maxWaitMs="
              + maxWaitMs
              + " fetchBytesMax="
              + fetchBytesMax
              + " partitionBytesMax="
              + partitionBytesMax
              + " backoffMinMs="
              + backoffMinMs
              + " backoffMaxMs="
              + backoffMaxMs
              + " catchUpBytesPerSecond="
              + catchUpBytesPerSecond);
    }
  }

  public static FollowerSettings defaults() {
    return new FollowerSettings(500, 10 << 20, 1 << 20, 20, 1_000, Long.MAX_VALUE);
  }
}
