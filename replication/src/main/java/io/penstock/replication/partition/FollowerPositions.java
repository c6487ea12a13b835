package io.penstock.replication.partition;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What each follower of a partition last said of itself, for those who only want to know where they
 * are: consumers that may read there, and who waits for records to be deleted everywhere. Read and
 * written by any thread without the partition's lock.
 */
final class FollowerPositions {

  private volatile AtomicReferenceArray<@Nullable FollowerProgress> latest =
      new AtomicReferenceArray<>(0);

  /** Takes note of what was found to be right. */
  void note(FollowerProgress progress) {
    if (!replace(latest, progress)) {
      add(progress);
    }
  }

  private static boolean replace(
      AtomicReferenceArray<@Nullable FollowerProgress> positions, FollowerProgress progress) {
    for (int i = 0; i < positions.length(); i++) {
      FollowerProgress known = positions.get(i);
      if (known != null && known.nodeId() == progress.nodeId()) {
        positions.set(i, progress);
        return true;
      }
    }
    return false;
  }

  private synchronized void add(FollowerProgress progress) {
    AtomicReferenceArray<@Nullable FollowerProgress> known = latest;
    if (replace(known, progress)) {
      return;
    }
    AtomicReferenceArray<@Nullable FollowerProgress> more =
        new AtomicReferenceArray<>(known.length() + 1);
    for (int i = 0; i < known.length(); i++) {
      more.set(i, known.get(i));
    }
    more.set(known.length(), progress);
    latest = more;
  }

  /** What the node said last in this leader epoch, or null. */
  @Nullable FollowerProgress of(int node, int leaderEpoch) {
    AtomicReferenceArray<@Nullable FollowerProgress> positions = latest;
    for (int i = 0; i < positions.length(); i++) {
      FollowerProgress known = positions.get(i);
      if (known != null && known.nodeId() == node) {
        return known.leaderEpoch() == leaderEpoch ? known : null;
      }
    }
    return null;
  }
}
