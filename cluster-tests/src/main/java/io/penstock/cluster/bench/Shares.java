package io.penstock.cluster.bench;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Which partitions each member of a group has, and since when that has been even: each partition
 * with one member, and no member with two more than another. Any thread.
 */
final class Shares {
  private static final long NEVER = -1;

  private final int partitions;
  private final Map<Integer, BitSet> byMember = new HashMap<>();
  private long evenSinceNs = NEVER;

  Shares(int partitions) {
    this.partitions = partitions;
  }

  /** A member comes; it has nothing. */
  synchronized void enter(int member) {
    byMember.put(member, new BitSet());
    look();
  }

  /** A member goes. */
  synchronized void exit(int member) {
    byMember.remove(member);
    look();
  }

  /** A member was given, or has given up, these. */
  synchronized void change(int member, int[] some, boolean given) {
    BitSet its = byMember.get(member);
    if (its == null) {
      return; // it gives up what it had when it went
    }
    for (int partition : some) {
      its.set(partition, given);
    }
    look();
  }

  private void look() {
    if (!isEven()) {
      evenSinceNs = NEVER;
    } else if (evenSinceNs == NEVER) {
      evenSinceNs = System.nanoTime();
    }
  }

  private boolean isEven() {
    if (byMember.isEmpty()) {
      return false;
    }
    BitSet all = new BitSet();
    int sum = 0;
    int least = partitions;
    int most = 0;
    for (BitSet its : byMember.values()) {
      int count = its.cardinality();
      all.or(its);
      sum += count;
      least = Math.min(least, count);
      most = Math.max(most, count);
    }
    return sum == partitions && all.cardinality() == partitions && most - least <= 1;
  }

  /** How long after {@code startNs} it was even; negative where it is not. */
  synchronized long evenAfterNs(long startNs) {
    return evenSinceNs == NEVER ? NEVER : Math.max(0, evenSinceNs - startNs);
  }

  /** Whether it has been even for so long. */
  synchronized boolean isEvenFor(long ns) {
    return evenSinceNs != NEVER && System.nanoTime() - evenSinceNs >= ns;
  }

  /** Who has how much, for a person. */
  @Override
  public synchronized String toString() {
    StringBuilder text = new StringBuilder();
    byMember.forEach((member, its) ->
        text.append(member).append(" has ").append(its.cardinality()).append(", "));
    return text.toString();
  }
}
