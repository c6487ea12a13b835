package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
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
  private static final List<Kind> KINDS = List.of(Kind.values());
  private static final long STORM_MS = 180_000;
  private static final long PEACE_MS = 60_000;

  @Test
  void membersOfAllKindsShareWhatThereIs() {
    long first = Long.getLong("penstock.simulation.seed", System.nanoTime());
    System.out.println("consumer group simulation: seed=" + first + " runs=" + RUNS);
    long events = 0;
    for (long seed = first; seed < first + RUNS; seed++) {
      try {
        events += run(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed=" + seed + ": " + e.getMessage(), e);
      }
    }
    System.out.println("consumer group simulation: events=" + events);
  }

  private static long run(long seed) {
    SimWorld world = new SimWorld(seed, seed % 4 == 0 ? 5 : 100);
    for (int i = 0; i < 3; i++) {
      world.topics.create("t" + i, 1 + world.random.nextInt(8));
    }
    List<SimClient> clients = new ArrayList<>();
    int count = 2 + world.random.nextInt(9);
    for (int i = 0; i < count; i++) {
      SimClient client =
          new SimClient(world, "c" + i, KINDS.get(world.random.nextInt(KINDS.size())));
      clients.add(client);
      world.later(world.random.nextInt(20_000), client::start);
    }
    world.later(1_000, () -> disturb(world, clients));
    long events = world.runUntil(world.nowMs() + STORM_MS);
    world.calmDown();
    for (SimClient each : clients) {
      if (!each.isAlive() && each.kind() != Kind.CRASHING) {
        each.start();
      }
    }
    clients.stream().filter(SimClient::isAlive).forEach(SimClient::wantAll);
    world.loseCoordinator();
    events += world.runUntil(world.nowMs() + PEACE_MS);
    checkPeace(world, clients);
    clients.stream().filter(SimClient::isAlive).findFirst().ifPresent(SimClient::leave);
    world.topics.grow("t1", 2);
    events += world.runUntil(world.nowMs() + PEACE_MS);
    checkPeace(world, clients);
    return events;
  }

  /** Something goes wrong, or changes, every now and then. */
  private static void disturb(SimWorld world, List<SimClient> clients) {
    if (!world.isFaulty()) {
      return;
    }
    SimClient client = clients.get(world.random.nextInt(clients.size()));
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
        } else if (client.kind() != Kind.HONEST) {
          client.crash();
          if (world.random.nextBoolean()) {
            client.start();
          }
        }
      }
      case 4 -> world.topics.grow("t" + world.random.nextInt(3), 1);
      case 5 -> {
        world.topics.delete("t3");
        if (world.random.nextBoolean()) {
          world.topics.create("t3", 1 + world.random.nextInt(4));
        }
      }
      default -> clients.stream().filter(each -> !each.isAlive()).forEach(SimClient::start);
    }
    world.later(
        world.random.nextInt(world.chance(0.3) ? 50 : 8_000), () -> disturb(world, clients));
  }

  private static void checkPeace(SimWorld world, List<SimClient> clients) {
    ConsumerGroup group = world.group();
    List<SimClient> members =
        clients.stream()
            .filter(each -> each.isAlive() && group.inner().has(each.memberId()))
            .toList();
    world.judge.holds(
        group.state().equals(members.isEmpty() ? "Empty" : "Stable"),
        "the group is stable in peace: " + group.state());
    world.judge.holds(group.inner().size() == members.size(), "only who lives is a member");
    int partitions = 0;
    for (SimClient each : members) {
      MemberTarget target = group.inner().target(each.memberId());
      world.judge.holds(
          each.owned().equals(target), each + " has " + each.owned() + " of " + target);
      partitions += target.size();
    }
    world.judge.holds(
        members.isEmpty() || partitions == world.topics.partitions(),
        "all partitions have readers: " + partitions + " of " + world.topics.partitions());
  }
}
