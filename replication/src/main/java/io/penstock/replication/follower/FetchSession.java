package io.penstock.replication.follower;

import io.penstock.replication.partition.FollowerPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the leader remembers of the last fetch (KIP-227), and what has to be looked at before the
 * next one: a round costs what was touched since the last one, however many partitions there are.
 * Pure; guarded by its lane.
 */
final class FetchSession {

  /** Of a partition that has to be named again, or forgotten. */
  private static final FollowerPosition DOUBTFUL = new FollowerPosition(-1, -1, -1, -1, -1);

  private final Map<ReplicaKey, FollowerPosition> remembered = new HashMap<>();
  private final LinkedHashSet<ReplicaKey> touched = new LinkedHashSet<>();
  private boolean fresh = true;

  /** What to ask for, beside what stays as it is. */
  record Round(boolean fresh, List<ReplicaKey> changed, List<ReplicaKey> forgotten) {}

  /** Something about the partition has changed. */
  void touch(ReplicaKey key) {
    touched.add(key);
  }

  /** It did not go on from where it was asked for: what the leader remembers of it is no good. */
  void doubt(ReplicaKey key) {
    remembered.replace(key, DOUBTFUL);
    touched.add(key);
  }

  /** The leader remembers nothing now: the next round names everything that is wanted. */
  void reset() {
    fresh = true;
  }

  /** From where the leader was last asked for the partition; null where it was not. */
  @Nullable FollowerPosition asked(ReplicaKey key) {
    return remembered.get(key);
  }

  /**
   * What the next fetch says.
   *
   * @param all every partition of the lane, looked at where the round is fresh
   * @param wanted from where a partition is wanted, or null where it is not
   */
  Round next(Iterable<ReplicaKey> all, Function<ReplicaKey, @Nullable FollowerPosition> wanted) {
    List<ReplicaKey> changed = new ArrayList<>();
    List<ReplicaKey> forgotten = new ArrayList<>();
    boolean afresh = fresh;
    if (afresh) {
      remembered.clear();
    }
    for (ReplicaKey key : afresh ? all : touched) {
      FollowerPosition position = wanted.apply(key);
      FollowerPosition before = remembered.get(key);
      if (position == null) {
        if (before != null) {
          remembered.remove(key);
          forgotten.add(key);
        }
      } else if (!position.equals(before)) {
        remembered.put(key, position);
        changed.add(key);
      }
    }
    touched.clear();
    fresh = false;
    return new Round(afresh, changed, forgotten);
  }
}
