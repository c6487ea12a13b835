package io.penstock.replication.follower;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** Partitions that are tried again later, by their times. Guarded by its lane. */
final class Delays {

  static final long NEVER = Long.MAX_VALUE;

  private final PriorityQueue<Delayed> waiting = new PriorityQueue<>();
  private long number;

  private record Delayed(long dueMs, long number, FollowedPartition partition)
      implements Comparable<Delayed> {
    @Override
    public int compareTo(Delayed other) {
      int order = Long.compare(dueMs, other.dueMs);
      return order != 0 ? order : Long.compare(number, other.number);
    }
  }

  void add(long dueMs, FollowedPartition partition) {
    waiting.add(new Delayed(dueMs, number++, partition));
  }

  long nextMs() {
    Delayed next = waiting.peek();
    return next == null ? NEVER : next.dueMs;
  }

  /** Takes those out whose time has come. */
  List<FollowedPartition> due(long nowMs) {
    List<FollowedPartition> due = new ArrayList<>();
    while (nextMs() <= nowMs) {
      due.add(waiting.remove().partition);
    }
    return due;
  }
}
