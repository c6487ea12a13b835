package io.penstock.node.group.classic;

import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.effect.Reply;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * What has to hold of a simulated group after every step, whatever its members do, and of every
 * answer that it gives.
 */
final class SimJudge {

  /** The longest rebalance time-out that a simulated member asks for. */
  static final int REBALANCE_MAX_MS = 20_000;

  /** One generation under one coordinator. */
  record Era(int incarnation, int generation) {}

  private final SimWorld world;
  private final Set<Waiting<?>> waiting = new LinkedHashSet<>();
  private final Map<Era, String> assigners = new HashMap<>();
  private final Map<Era, Set<String>> joined = new HashMap<>();
  private int incarnation;
  private int generation;
  private int generationCommitted;
  private int generationTold;

  SimJudge(SimWorld world) {
    this.world = world;
  }

  void holds(boolean condition, String claim) {
    if (!condition) {
      throw new AssertionError("does not hold: " + claim + "\n" + world.trace());
    }
  }

  /** A reply that is to be given once and in time. */
  <T> Reply<T> watch(String what, Reply<T> reply) {
    Waiting<T> each = new Waiting<>(what, world.nowMs(), reply);
    waiting.add(each);
    return each;
  }

  private final class Waiting<T> implements Reply<T> {
    private final String what;
    private final long sinceMs;
    private final Reply<T> reply;

    Waiting(String what, long sinceMs, Reply<T> reply) {
      this.what = what;
      this.sinceMs = sinceMs;
      this.reply = reply;
    }

    @Override
    public void send(T answer) {
      holds(waiting.remove(this), "one answer to " + what);
      reply.send(answer);
    }
  }

  /** After every step. */
  void check() {
    ClassicGroup group = world.group();
    if (incarnation == world.incarnation()) {
      holds(group.generation() >= generation, "the generation never falls");
    }
    incarnation = world.incarnation();
    generation = group.generation();
    checkWaiting();
    checkMembers(group);
    checkBounds(group);
  }

  private void checkWaiting() {
    long boundMs = REBALANCE_MAX_MS + SimWorld.COMMIT_MAX_MS + 3L * world.tickLateMs();
    if (!waiting.isEmpty()) {
      Waiting<?> oldest = waiting.iterator().next();
      holds(world.nowMs() - oldest.sinceMs <= boundMs, oldest.what + " is answered in time");
    }
  }

  private void checkMembers(ClassicGroup group) {
    ClassicMembers members = group.members();
    int joining = 0;
    long bytes = 0;
    long assignedBytes = 0;
    Set<String> instances = new HashSet<>();
    Map<String, Integer> supporters = new HashMap<>();
    for (ClassicMember each : members.all()) {
      joining += each.isJoining() ? 1 : 0;
      bytes += MemberProtocol.bytes(each.protocols());
      assignedBytes += each.assignment().length;
      each.protocols().forEach(protocol -> supporters.merge(protocol.name(), 1, Integer::sum));
      String instanceId = each.instanceId();
      if (instanceId != null) {
        holds(instances.add(instanceId), "one member of a static name");
        holds(each.id().equals(members.idOf(instanceId)), "static names lead to members");
      }
      holds(
          !each.isJoining() || group.is(ClassicState.PREPARING_REBALANCE),
          "members wait to have joined only while others may join");
      holds(
          each.syncing() == null || group.is(ClassicState.COMPLETING_REBALANCE),
          "members wait for assignments only until these are handed out");
    }
    holds(joining == members.joining(), "the count of those who join");
    holds(bytes == members.bytes(), "the count of bytes");
    holds(assignedBytes == members.assignedBytes(), "the count of assigned bytes");
    supporters.forEach((protocol, count) ->
        holds(members.allSupport(protocol) == (count == members.size()), "the count of protocols"));
    String leader = members.leader();
    holds(
        members.isEmpty() ? leader == null : leader != null && members.has(leader),
        "one leader, who is a member");
    holds(members.isEmpty() || !group.is(ClassicState.EMPTY), "an empty group has no members");
    if (group.is(ClassicState.COMPLETING_REBALANCE)) {
      Set<String> told =
          joined.getOrDefault(new Era(world.incarnation(), group.generation()), Set.of());
      for (ClassicMember each : members.all()) {
        holds(
            each.instanceId() != null || told.contains(each.id()),
            "who has not joined is left behind");
      }
    }
    group.owingSync().forEach(id -> holds(members.has(id), "only members owe a sync"));
  }

  private void checkBounds(ClassicGroup group) {
    ClassicSettings settings = world.settings;
    ClassicMembers members = group.members();
    holds(group.pending().size() <= settings.pendingMax(), "bounded ids");
    holds(members.bytes() <= settings.memberBytesMax(), "bounded bytes of members");
    boolean full = group.is(ClassicState.STABLE) || group.is(ClassicState.COMPLETING_REBALANCE);
    holds(!full || members.size() <= settings.membersMax(), "bounded members");
    JoinPhase phase = group.joinPhase();
    holds(
        members.joining() == 0
            || (phase != null && phase.deadlineMs() <= world.nowMs() + REBALANCE_MAX_MS),
        "who joins waits for a deadline");
  }

  /** A member hears that it has joined. */
  void joined(JoinGroupResponseData answer) {
    ClassicGroup group = world.group();
    holds(answer.generationId() == group.generation(), "joins are into this generation");
    holds(group.members().has(answer.memberId()), "only members hear that they have joined");
    Era era = new Era(world.incarnation(), answer.generationId());
    joined.computeIfAbsent(era, _ -> new HashSet<>()).add(answer.memberId());
    if (!answer.members().isEmpty() && !answer.skipAssignment()) {
      holds(answer.memberId().equals(answer.leader()), "only the leader hears of the members");
      String before = assigners.putIfAbsent(era, answer.memberId());
      holds(before == null || before.equals(answer.memberId()), "one leader of a generation");
    }
  }

  /** A member is let in with what it asks as one of this generation. */
  void accepted(String what, int asGeneration) {
    holds(asGeneration == world.group().generation(), what + " only in the member's generation");
  }

  /** A member hears of its assignment. */
  void assigned(int asGeneration, byte[] assignment) {
    holds(asGeneration == world.group().generation(), "assignments of this generation only");
    holds(world.group().is(ClassicState.STABLE), "assignments are handed out in a stable group");
    holds(generationCommitted >= asGeneration, "assignments are committed first");
    generationTold = Math.max(generationTold, asGeneration);
    if (assignment.length > 0) {
      Assignment told = Assignment.read(assignment);
      holds(told.generation() == asGeneration, "assignments are of the generation " + told);
      String leader = assigners.get(new Era(told.incarnation(), told.generation()));
      holds(told.leader().equals(leader), "assignments are from the leader " + told);
    }
  }

  void committed(GroupSnapshot snapshot) {
    holds(snapshot.generation() >= generationCommitted, "the stored generation never falls");
    generationCommitted = snapshot.generation();
  }

  void restored() {
    holds(world.group().generation() >= generationTold, "what was told is not forgotten");
    holds(waiting.isEmpty(), "everybody hears of the loss of the coordinator");
  }

  void neverAccepts(Errors answer, String what) {
    holds(answer != Errors.NONE, what + " is refused");
  }
}
