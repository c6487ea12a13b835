package io.penstock.replication.simulation;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipEvent;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipRules;
import io.penstock.replication.value.Applied;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * The {@code leadership} group as one host: proposals get into its log after a delay, in any order,
 * or are lost with a leader; the real rules make images of it; brokers that are silent for a
 * session, or about whose death there is evidence, are fenced, and unfenced when they are back.
 */
final class Quorum {

  /** Told of every entry that is applied. */
  interface Observer {
    void applied(LeadershipCommand command, LeadershipImage before, LeadershipImage after);
  }

  /** Told what became of a proposal, and at which index. */
  interface Outcome {
    void applied(int index, LeadershipResult result);
  }

  private static final int COMMIT_US_MAX = 6_000;
  private static final long TICK_US = 100 * SimTime.MS;

  private final Simulation simulation;
  private final SimTime time;
  private final Random random;
  private final Trace trace;
  private final long sessionMs;
  private final List<LeadershipImage> images = new ArrayList<>(List.of(LeadershipImage.EMPTY));
  private final List<Observer> observers = new ArrayList<>();
  private final Map<Integer, Long> heardMs = new HashMap<>();
  private final Map<Integer, Integer> fencedAt = new HashMap<>();
  private long stalledUntilUs;
  private int term;

  Quorum(Simulation simulation, long sessionMs) {
    this.simulation = simulation;
    this.time = simulation.time();
    this.random = simulation.random();
    this.trace = simulation.trace();
    this.sessionMs = sessionMs;
  }

  void start() {
    time.after(
        TICK_US,
        () -> {
          tick();
          start();
        });
  }

  void observe(Observer observer) {
    observers.add(observer);
  }

  int index() {
    return images.size() - 1;
  }

  LeadershipImage newest() {
    return images.getLast();
  }

  LeadershipImage image(int index) {
    return images.get(index);
  }

  /** Commits nothing for so long. */
  void stall(long forUs) {
    stalledUntilUs = Math.max(stalledUntilUs, time.nowUs() + forUs);
  }

  /** The leader goes; what it had not committed may be lost. */
  void loseLeader() {
    term++;
    stall(random.nextInt(900_000));
    long nowMs = time.nowMs();
    heardMs.replaceAll((_, _) -> nowMs);
  }

  void propose(LeadershipCommand command, Outcome outcome) {
    int proposedIn = term;
    long delayUs = Math.max(0, stalledUntilUs - time.nowUs()) + 300 + random.nextInt(COMMIT_US_MAX);
    time.after(delayUs, () -> commit(command, proposedIn, outcome));
  }

  private void commit(LeadershipCommand command, int proposedIn, Outcome outcome) {
    if (proposedIn != term && random.nextBoolean()) {
      return;
    }
    if (time.nowUs() < stalledUntilUs) {
      propose(command, outcome);
      return;
    }
    if (command instanceof RegisterBroker register && !isThere(register)) {
      return;
    }
    LeadershipImage before = newest();
    Applied<LeadershipImage, LeadershipEvent, LeadershipResult> applied =
        LeadershipRules.apply(before, command);
    images.add(applied.image());
    trace.note("applied", 0, index(), applied.events().size());
    if (trace.isReadable()) {
      trace.say("quorum " + index() + ": " + command);
      applied.events().forEach(event -> trace.say("    " + event));
    }
    noteFenced(before, applied.image());
    observers.forEach(observer -> observer.applied(command, before, applied.image()));
    outcome.applied(index(), applied.result());
    for (SimNode node : simulation.nodes()) {
      SimBroker broker = node.broker();
      if (broker != null) {
        broker.membership().look();
      }
    }
  }

  /** Where another process is found at its address, a registration that comes late is refused. */
  private boolean isThere(RegisterBroker register) {
    SimBroker broker = simulation.node(register.brokerId()).broker();
    return broker != null && broker.membership().incarnation().equals(register.incarnation());
  }

  private void noteFenced(LeadershipImage before, LeadershipImage after) {
    for (BrokerImage broker : after.brokers()) {
      BrokerImage former = before.broker(broker.id());
      if (broker.fenced() && (former == null || !former.fenced())) {
        fencedAt.put(broker.id(), index());
      }
    }
  }

  /** A broker lives, has seen the image so far, and wants to serve or not. */
  void heartbeat(int node, UUID incarnation, int imageSeen, boolean wantsToServe) {
    BrokerImage broker = newest().broker(node);
    if (broker == null || !broker.incarnation().equals(incarnation)) {
      return;
    }
    heardMs.put(node, time.nowMs());
    if (broker.fenced() && wantsToServe && imageSeen >= fencedAt.getOrDefault(node, 0)) {
      propose(new UnfenceBroker(node, broker.epoch()), (_, _) -> {});
    }
  }

  /** There is evidence that a process is gone. */
  void isGone(int node, UUID incarnation) {
    BrokerImage broker = newest().broker(node);
    if (broker != null && broker.incarnation().equals(incarnation) && !broker.fenced()) {
      propose(new FenceBroker(node, broker.epoch()), (_, _) -> {});
    }
  }

  private void tick() {
    for (BrokerImage broker : newest().brokers()) {
      long silentMs = time.nowMs() - heardMs.getOrDefault(broker.id(), time.nowMs());
      if (!broker.fenced() && silentMs > sessionMs) {
        propose(new FenceBroker(broker.id(), broker.epoch()), (_, _) -> {});
      }
      heardMs.putIfAbsent(broker.id(), time.nowMs());
    }
  }
}
