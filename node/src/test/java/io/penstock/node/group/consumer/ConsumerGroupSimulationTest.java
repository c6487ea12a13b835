package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.HandedOver;
import io.penstock.node.group.consumer.SimClient.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Many members of all kinds against one group, whose coordinator is lost and whose topics change
 * now and then; then peace, in which those who are left have to share all partitions.
 */
final class ConsumerGroupSimulationTest {

  private static final int RUNS = Integer.getInteger("penstock.simulation.runs", 40);
  private static final int RUNS_WITH_CLASSICS = Math.max(1, RUNS / 4);
  private static final List<Kind> KINDS = List.of(Kind.values());

  /** Which protocols members speak, and whether their group changes its own. */
  private enum Protocols {
    CONSUMER,
    MIXED,
    MIGRATING
  }

  private static final long STORM_MS = 180_000;
  private static final long PEACE_MS = 60_000;

  @Test
  void membersOfAllKindsShareWhatThereIs() {
    simulate("consumer group simulation", RUNS, Protocols.CONSUMER);
  }

  @Test
  void membersOfBothProtocolsShareWhatThereIs() {
    simulate("mixed group simulation", RUNS_WITH_CLASSICS, Protocols.MIXED);
  }

  @Test
  void membersShareWhatThereIsWhileTheirGroupGoesFromOneProtocolToTheOther() {
    simulate("migrating group simulation", RUNS_WITH_CLASSICS, Protocols.MIGRATING);
  }

  private static void simulate(String what, int runs, Protocols protocols) {
    long first = Long.getLong("penstock.simulation.seed", System.nanoTime());
    System.out.println(what + ": seed=" + first + " runs=" + runs);
    long events = 0;
    for (long seed = first; seed < first + runs; seed++) {
      try {
        events += run(seed, protocols);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed=" + seed + ": " + e.getMessage(), e);
      }
    }
    System.out.println(what + ": events=" + events);
  }

  private static long run(long seed, Protocols protocols) {
    boolean mixed = protocols != Protocols.CONSUMER;
    boolean migrates = protocols == Protocols.MIGRATING;
    SimWorld world = new SimWorld(seed, seed % 4 == 0 && !migrates ? 5 : 100, migrates);
    for (int i = 0; i < 3; i++) {
      world.topics.create("t" + i, 1 + world.random.nextInt(8));
    }
    List<SimMember> clients = new ArrayList<>();
    int count = 2 + world.random.nextInt(9);
    for (int i = 0; i < count; i++) {
      SimMember client = member(world, "c" + i, mixed);
      clients.add(client);
      world.later(world.random.nextInt(20_000), client::start);
    }
    world.later(1_000, () -> disturb(world, clients, mixed));
    long events = world.runUntil(world.nowMs() + STORM_MS);
    world.calmDown();
    for (SimMember each : clients) {
      if (!each.isAlive() && !each.staysAway()) {
        each.start();
      }
    }
    clients.stream().filter(SimMember::isAlive).forEach(SimMember::wantAll);
    world.loseCoordinator();
    events += world.runUntil(world.nowMs() + PEACE_MS);
    checkPeace(world, clients);
    clients.stream().filter(SimMember::isAlive).findFirst().ifPresent(SimMember::leave);
    world.topics.grow("t1", 2);
    events += world.runUntil(world.nowMs() + PEACE_MS);
    checkPeace(world, clients);
    if (migrates) {
      System.out.println("seed=" + seed + " migrations=" + world.group().migrations());
    }
    return events;
  }

  private static SimMember member(SimWorld world, String name, boolean mixed) {
    Kind kind = KINDS.get(world.random.nextInt(KINDS.size()));
    if (mixed && kind == Kind.STATIC) {
      return new Twins(world, name);
    }
    return mixed && world.random.nextBoolean()
        ? new ClassicSimClient(world, name, kind)
        : new SimClient(world, name, kind);
  }

  /** Something goes wrong, or changes, every now and then. */
  private static void disturb(SimWorld world, List<SimMember> clients, boolean mixed) {
    if (!world.isFaulty()) {
      return;
    }
    SimMember client = clients.get(world.random.nextInt(clients.size()));
    switch (world.random.nextInt(8)) {
      case 0 -> world.loseCoordinator();
      case 1 -> {
        if (client.isAlive()) {
          client.leave();
        }
      }
      case 2, 3 -> {
        if (!client.isAlive()) {
          client.start();
        } else if (!client.isHonest()) {
          client.crash();
          if (world.random.nextBoolean()) {
            client.start();
          }
        }
      }
      case 4 -> world.topics.grow("t" + world.random.nextInt(3), 1);
      case 5 -> {
        if (!mixed) { // the classic protocol knows topics by their names only
          world.topics.delete("t3");
        }
        if (world.topics.topic("t3") == null && world.random.nextBoolean()) {
          world.topics.create("t3", 1 + world.random.nextInt(4));
        }
      }
      default -> clients.stream().filter(each -> !each.isAlive()).forEach(SimMember::start);
    }
    world.later(
        world.random.nextInt(world.chance(0.3) ? 50 : 8_000), () -> disturb(world, clients, mixed));
  }

  private static void checkPeace(SimWorld world, List<SimMember> clients) {
    if (world.group().isClassic()) {
      checkClassicPeace(world, clients.stream().filter(SimMember::isAlive).toList());
      return;
    }
    ConsumerGroup group = world.group().consumers();
    List<SimMember> members =
        clients.stream()
            .filter(each -> each.isAlive() && group.inner().has(each.memberId()))
            .toList();
    world.judge.holds(
        group.state().equals(members.isEmpty() ? "Empty" : "Stable"),
        "the group is stable in peace: " + group.state());
    world.judge.holds(group.inner().size() == members.size(), "only who lives is a member");
    int partitions = 0;
    for (SimMember each : members) {
      MemberTarget target = group.inner().target(each.memberId());
      world.judge.holds(
          each.owned().equals(target), each + " has " + each.owned() + " of " + target);
      partitions += target.size();
    }
    world.judge.holds(
        members.isEmpty() || partitions == world.topics.partitions(),
        "all partitions have readers: " + partitions + " of " + world.topics.partitions());
  }

  private static void checkClassicPeace(SimWorld world, List<SimMember> alive) {
    ClassicGroup group = world.group().classics();
    world.judge.holds(
        group.state().equals(alive.isEmpty() ? "Empty" : "Stable"),
        "the group is stable in peace: " + group.state());
    List<HandedOver.Member> members = group.handedOver().members();
    world.judge.holds(members.size() == alive.size(), "only who lives is a member");
    int partitions = 0;
    for (SimMember each : alive) {
      world.judge.holds(
          members.stream().anyMatch(member -> member.memberId().equals(each.memberId())),
          each + " is a member");
      world.judge.holds(each.epoch() == group.generation(), each + " is in the generation");
      partitions += each.owned().size();
    }
    world.judge.holds(
        members.isEmpty() || partitions == world.topics.partitions(),
        "all partitions have readers: " + partitions + " of " + world.topics.partitions());
  }
}
