package io.penstock.replication.simulation;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Carries messages between hosts, each with a delay of its own, so that they overtake each other;
 * cuts lose what is under way. Host 0 is the quorum, {@link #CLIENTS} are all clients.
 */
final class SimNetwork {

  static final int QUORUM = 0;
  static final int CLIENTS = 1_000;

  private final SimTime time;
  private final Random random;
  private final Set<Link> cuts = new HashSet<>();
  private final Set<Integer> slow = new HashSet<>();

  private record Link(int from, int to) {}

  SimNetwork(SimTime time, Random random) {
    this.time = time;
    this.random = random;
  }

  void cut(int from, int to) {
    cuts.add(new Link(from, to));
  }

  void slowDown(int host) {
    slow.add(host);
  }

  void heal() {
    cuts.clear();
    slow.clear();
  }

  boolean isCut(int from, int to) {
    return !cuts.isEmpty() && cuts.contains(new Link(from, to));
  }

  /** Whether nothing is cut or slow. */
  boolean isUndisturbed() {
    return cuts.isEmpty() && slow.isEmpty();
  }

  /** Whether both directions carry what they are given. */
  boolean isWhole(int a, int b) {
    return !isCut(a, b) && !isCut(b, a);
  }

  long delayUs(int from, int to) {
    long base = 100L + random.nextInt(900);
    if (!slow.isEmpty() && (slow.contains(from) || slow.contains(to))) {
      return base + random.nextInt(250_000);
    }
    return random.nextInt(24) == 0 ? base + random.nextInt(20_000) : base;
  }

  void send(int from, int to, Runnable arrival) {
    sendAfter(delayUs(from, to), from, to, arrival);
  }

  /** A message on a connection that keeps the order, by the time at which the last one arrives. */
  void send(Connection connection, Runnable arrival) {
    long arrivesUs = time.nowUs() + delayUs(connection.from, connection.to);
    connection.lastUs = Math.max(connection.lastUs, arrivesUs);
    sendAfter(connection.lastUs - time.nowUs(), connection.from, connection.to, arrival);
  }

  private void sendAfter(long delayUs, int from, int to, Runnable arrival) {
    if (isCut(from, to)) {
      return;
    }
    time.after(
        delayUs,
        () -> {
          if (!isCut(from, to)) {
            arrival.run();
          }
        });
  }

  /** One direction of a connection. */
  static final class Connection {
    private final int from;
    private final int to;
    private long lastUs;

    Connection(int from, int to) {
      this.from = from;
      this.to = to;
    }
  }
}
