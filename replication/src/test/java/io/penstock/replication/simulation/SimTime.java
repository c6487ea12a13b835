package io.penstock.replication.simulation;

import java.util.PriorityQueue;

/**
 * The one thread and clock of a simulation: it moves from event to event, and events of one moment
 * happen in the order they came. Microseconds, so that messages cross each other.
 */
final class SimTime {

  static final long MS = 1_000;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nowUs = 1_000_000 * MS;
  private long next;

  private record Event(long atUs, long number, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atUs, other.atUs);
      return byTime == 0 ? Long.compare(number, other.number) : byTime;
    }
  }

  long nowUs() {
    return nowUs;
  }

  long nowMs() {
    return nowUs / MS;
  }

  void after(long delayUs, Runnable task) {
    events.add(new Event(nowUs + Math.max(0, delayUs), next++, task));
  }

  /** Does the next thing; false where nothing is left to happen. */
  boolean step() {
    Event event = events.poll();
    if (event == null) {
      return false;
    }
    nowUs = event.atUs;
    event.task.run();
    return true;
  }
}
