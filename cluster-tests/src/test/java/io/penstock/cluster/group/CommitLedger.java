package io.penstock.cluster.group;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What the members of one group have committed of one topic, and what was wrong with what they read
 * of it. Whoever reads a partition's committed offset takes {@link #acked} before it asks: the
 * answer is that or more, since members begin where the one before has committed, and only go on.
 * Any thread.
 */
final class CommitLedger {
  private final String group;
  private final AtomicLongArray tried;
  private final AtomicLongArray acked;
  private final AtomicLongArray seen;
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  CommitLedger(String group, int partitions) {
    this.group = group;
    this.tried = new AtomicLongArray(partitions);
    this.acked = new AtomicLongArray(partitions);
    this.seen = new AtomicLongArray(partitions);
  }

  /** A member is about to commit this. */
  void trying(int partition, long offset) {
    tried.accumulateAndGet(partition, offset, Math::max);
  }

  /** The coordinator has said that this is committed. */
  void acknowledged(int partition, long offset) {
    acked.accumulateAndGet(partition, offset, Math::max);
  }

  /** The highest offset of each partition of which was said that it is committed. */
  long[] acked() {
    long[] all = new long[acked.length()];
    for (int partition = 0; partition < all.length; partition++) {
      all[partition] = Math.max(acked.get(partition), seen.get(partition));
    }
    return all;
  }

  /**
   * Somebody has read a committed offset.
   *
   * @param before what {@link #acked} said before it was asked for
   * @param committed 0 where there was none
   */
  void found(String reader, int partition, long before, long committed) {
    long most = tried.get(partition);
    if (committed < before || committed > most) {
      wrong(
          "%s reads %d of partition %d, acknowledged was %d, tried %d"
              .formatted(reader, committed, partition, before, most));
    }
    seen.accumulateAndGet(partition, committed, Math::max);
  }

  /** Something that must not be. */
  void wrong(String what) {
    wrong.add(group + ": " + what);
  }

  /** Everything that must not be. */
  List<String> wrong() {
    return List.copyOf(wrong);
  }
}
