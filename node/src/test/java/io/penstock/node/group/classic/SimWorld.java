package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;

/**
 * One group with a log and a clock of its own, in which everything that happens comes out of one
 * seed: messages take their time, ticks come late, appends take long, fail, or are lost together
 * with the coordinator.
 */
final class SimWorld {

  /** What a shard waits at most for one append to be committed. */
  static final long COMMIT_MAX_MS = 400;

  private static final int TRACE_LINES = 60;

  private record Event(long atMs, long order, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private record Unsettled(List<Effects.Stored> stored, int upTo) {}

  final Random random;
  final ClassicSettings settings;
  final SimJudge judge;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<GroupRecord> log = new ArrayList<>();
  private final Deque<Unsettled> unsettled = new ArrayDeque<>();
  private final Deque<String> trace = new ArrayDeque<>();
  private final int tickLateMs;
  private ClassicGroup group;
  private int incarnation;
  private int committed;
  private long commitAtMs;
  private long nowMs = 10_000;
  private long order;
  private boolean faulty = true;

  SimWorld(long seed, ClassicSettings settings) {
    this.random = new Random(seed);
    this.settings = settings;
    this.judge = new SimJudge(this);
    this.tickLateMs = random.nextInt(30);
    this.group = new ClassicGroup("g", settings, nowMs);
  }

  ClassicGroup group() {
    return group;
  }

  long nowMs() {
    return nowMs;
  }

  int incarnation() {
    return incarnation;
  }

  int tickLateMs() {
    return tickLateMs;
  }

  boolean isFaulty() {
    return faulty;
  }

  void calmDown() {
    faulty = false;
  }

  /** Whether honest members may be turned away for lack of room, too. */
  boolean isCrowded() {
    return settings.membersMax() < 10;
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
      long tickMs = tickMs();
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
        act(effects -> group.tick(nowMs, effects));
      } else {
        events.poll();
        nowMs = Math.max(nowMs, next.atMs);
        next.task.run();
      }
      judge.check();
      count++;
    }
  }

  /** When the group's next deadline is seen to, which is a little late. */
  private long tickMs() {
    long deadlineMs = group.nextDeadlineMs();
    return deadlineMs == ClassicGroup.NEVER ? deadlineMs : deadlineMs + tickLateMs;
  }

  /** Has something happen to the group, and carries out what comes of it, as a shard does. */
  void act(Consumer<Effects> event) {
    Effects effects = new Effects();
    event.accept(effects);
    effects.answers().forEach(Runnable::run);
    GroupRecord record = effects.groupRecord();
    if (record == null && effects.stored().isEmpty()) {
      return;
    }
    if (record != null && faulty && chance(0.04)) {
      note("append refused");
      int at = incarnation;
      later(
          random.nextInt(20),
          () -> {
            if (at == incarnation) {
              settle(effects.stored(), Errors.NOT_ENOUGH_REPLICAS);
            }
          });
      return;
    }
    if (record != null) {
      log.add(record);
      note("stored " + describe(record));
    }
    Unsettled each = new Unsettled(effects.stored(), log.size());
    unsettled.add(each);
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
      judge.committed(snapshot(log.get(i)));
    }
    committed = Math.max(committed, next.upTo);
    settle(next.stored, Errors.NONE);
  }

  private void settle(List<Effects.Stored> stored, Errors outcome) {
    for (Effects.Stored each : stored) {
      act(effects -> each.ended(outcome, nowMs, effects));
    }
  }

  /** The coordinator is lost; another has what was committed, and perhaps more. */
  void loseCoordinator() {
    int kept = committed + random.nextInt(log.size() - committed + 1);
    note("coordinator lost, kept " + kept + " of " + log.size());
    List<Unsettled> lost = new ArrayList<>(unsettled);
    unsettled.clear();
    boolean settleFirst = random.nextBoolean();
    incarnation++;
    if (settleFirst) {
      endOf(lost);
    }
    Effects farewell = new Effects();
    group.unload(Errors.NOT_COORDINATOR, farewell);
    farewell.answers().forEach(Runnable::run);
    if (!settleFirst) {
      endOf(lost);
    }
    log.subList(kept, log.size()).clear();
    for (int i = committed; i < kept; i++) {
      judge.committed(snapshot(log.get(i)));
    }
    committed = kept;
    group =
        log.isEmpty()
            ? new ClassicGroup("g", settings, nowMs)
            : ClassicGroup.restore(snapshot(log.getLast()), settings, nowMs);
    judge.restored();
  }

  private void endOf(List<Unsettled> lost) {
    for (Unsettled each : lost) {
      for (Effects.Stored stored : each.stored) {
        Effects effects = new Effects();
        stored.ended(Errors.NOT_LEADER_OR_FOLLOWER, nowMs, effects);
        effects.answers().forEach(Runnable::run);
      }
    }
  }

  private static GroupSnapshot snapshot(GroupRecord record) {
    return ((GroupRecord.Stored) record).snapshot();
  }

  private static String describe(GroupRecord record) {
    GroupSnapshot snapshot = snapshot(record);
    return "generation=" + snapshot.generation() + " members=" + snapshot.members().size();
  }
}
