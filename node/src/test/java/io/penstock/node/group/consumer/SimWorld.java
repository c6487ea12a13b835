package io.penstock.node.group.consumer;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.GroupRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;

/**
 * One group with a log, topics and a clock of its own, in which everything that happens comes out
 * of one seed: messages take their time or are lost, ticks come late, appends take long, fail, or
 * are lost together with the coordinator.
 */
final class SimWorld {

  private static final int TRACE_LINES = 80;

  private record Event(long atMs, long order, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private record Unsettled(List<Effects.Stored> stored, int upTo) {}

  final Random random;
  final ConsumerSettings settings;
  final SomeTopics topics = new SomeTopics();
  final SimJudge judge;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<List<GroupRecord>> log = new ArrayList<>();
  private final Deque<Unsettled> unsettled = new ArrayDeque<>();
  private final Deque<String> trace = new ArrayDeque<>();
  private final int tickLateMs;
  private final SimGroup group;
  private int incarnation;
  private int committed;
  private long commitAtMs;
  private long nowMs = 10_000;
  private long order;
  private boolean faulty = true;

  /** A world in which a group may become a classic one, or not. */
  SimWorld(long seed, int membersMax, boolean mayDowngrade) {
    this.random = new Random(seed);
    this.settings =
        new ConsumerSettings(
            _ -> new ConsumerSettings.Times(9_000, 1_000),
            membersMax,
            List.of(new RandomAssignor(random)),
            100,
            100_000,
            new ConsumerSettings.Migration(true, mayDowngrade, SimGroup.classicSettings()));
    this.judge = new SimJudge(this);
    this.tickLateMs = random.nextInt(30);
    this.group = new SimGroup(settings, topics, nowMs);
  }

  SimGroup group() {
    return group;
  }

  long nowMs() {
    return nowMs;
  }

  boolean isFaulty() {
    return faulty;
  }

  void calmDown() {
    faulty = false;
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  void later(long delayMs, Runnable task) {
    events.add(new Event(nowMs + delayMs, order++, task));
  }

  void note(String line) {
    trace.add(nowMs + " " + line);
    if (trace.size() > TRACE_LINES) {
      trace.poll();
    }
  }

  String trace() {
    return String.join("\n", trace);
  }

  /** How many events it took. */
  int runUntil(long endMs) {
    int count = 0;
    int ticksAtOnce = 0;
    while (true) {
      long deadlineMs = group.now().nextDeadlineMs();
      long tickMs = deadlineMs == Sessions.NEVER ? deadlineMs : deadlineMs + tickLateMs;
      Event next = events.peek();
      long nextMs = next == null ? Long.MAX_VALUE : next.atMs;
      if (Math.min(tickMs, nextMs) > endMs) {
        nowMs = endMs;
        return count;
      }
      if (next == null || tickMs <= nextMs) {
        ticksAtOnce = tickMs <= nowMs ? ticksAtOnce + 1 : 0;
        judge.holds(ticksAtOnce < 5, "ticks bring a group on");
        nowMs = Math.max(nowMs, tickMs);
        act(effects -> group.now().tick(nowMs, effects));
      } else {
        events.poll();
        nowMs = Math.max(nowMs, next.atMs);
        next.task.run();
      }
      judge.check();
      count++;
    }
  }

  /** Has something happen to the group, and carries out what comes of it, as a shard does. */
  void act(Consumer<Effects> event) {
    Effects effects = new Effects();
    event.accept(effects);
    carryOut(effects);
  }

  private void carryOut(Effects effects) {
    effects.answers().forEach(Runnable::run);
    List<GroupRecord> records = List.copyOf(effects.records());
    if (records.isEmpty() && effects.stored().isEmpty()) {
      return;
    }
    if (!records.isEmpty()) {
      if (faulty && chance(0.05)) {
        note("append refused");
        effects.undo();
        judge.isWhatWasWritten(log);
        settle(effects.stored(), Errors.COORDINATOR_NOT_AVAILABLE);
        return;
      }
      log.add(records);
      group.appended(effects);
    }
    unsettled.add(new Unsettled(effects.stored(), log.size()));
    commitAtMs = Math.max(commitAtMs, nowMs + 1 + random.nextInt(chance(0.1) ? 300 : 20));
    int at = incarnation;
    later(commitAtMs - nowMs, () -> commit(at));
  }

  private void commit(int at) {
    Unsettled next = unsettled.peek();
    if (at != incarnation || next == null) {
      return;
    }
    unsettled.poll();
    for (int i = committed; i < next.upTo; i++) {
      judge.committed(log.get(i));
    }
    committed = Math.max(committed, next.upTo);
    settle(next.stored, Errors.NONE);
  }

  private void settle(List<Effects.Stored> stored, Errors outcome) {
    for (Effects.Stored each : stored) {
      Effects next = new Effects();
      each.ended(outcome, nowMs, next);
      carryOut(next);
    }
  }

  /** The coordinator is lost; another has what was committed, and perhaps more. */
  void loseCoordinator() {
    judge.isWhatWasWritten(log);
    int kept = committed + random.nextInt(log.size() - committed + 1);
    note("coordinator lost, kept " + kept + " of " + log.size());
    List<Unsettled> lost = new ArrayList<>(unsettled);
    unsettled.clear();
    incarnation++;
    for (Unsettled each : lost) {
      for (Effects.Stored stored : each.stored) {
        Effects farewell = new Effects();
        stored.ended(Errors.NOT_COORDINATOR, nowMs, farewell);
        farewell.answers().forEach(Runnable::run);
      }
    }
    Effects farewell = new Effects();
    group.now().unload(Errors.NOT_COORDINATOR, farewell);
    farewell.answers().forEach(Runnable::run);
    log.subList(kept, log.size()).clear();
    for (int i = committed; i < kept; i++) {
      judge.committed(log.get(i));
    }
    committed = kept;
    group.restore(log, nowMs);
  }
}
