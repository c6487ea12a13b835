package io.penstock.replication.liveness;

import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/** A clock that moves from event to event; events of one moment happen in the order they came. */
final class VirtualTime {

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nowMs = 1_000_000;
  private long next;

  private record Event(long atMs, long number, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime == 0 ? Long.compare(number, other.number) : byTime;
    }
  }

  long nowMs() {
    return nowMs;
  }

  void after(long delayMs, Runnable task) {
    events.add(new Event(nowMs + Math.max(0, delayMs), next++, task));
  }

  void every(long intervalMs, Runnable task) {
    after(
        intervalMs,
        () -> {
          task.run();
          every(intervalMs, task);
        });
  }

  void run(long forMs) {
    runUntil(() -> false, forMs);
  }

  /** Returns how long it took until the condition was true, or -1. */
  long runUntil(BooleanSupplier condition, long withinMs) {
    long beganMs = nowMs;
    long endMs = nowMs + withinMs;
    while (!condition.getAsBoolean()) {
      Event event = events.peek();
      if (event == null || event.atMs > endMs) {
        nowMs = endMs;
        return -1;
      }
      events.remove();
      nowMs = event.atMs;
      event.task.run();
    }
    return nowMs - beganMs;
  }
}
