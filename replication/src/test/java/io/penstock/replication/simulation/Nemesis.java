package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.PartitionImage;
import java.util.List;
import java.util.Random;

/**
 * Makes things go wrong, and right again after a while, as the plan and the seed have it; never
 * more at a time than the budget allows.
 */
final class Nemesis {

  private static final Crash[] LOSSY = {
    Crash.UNFORCED_LOST,
    Crash.UNFORCED_PREFIX,
    Crash.UNFORCED_SECTORS,
    Crash.TORN_TAIL,
    Crash.FLIPPED_BYTE
  };
  private static final Crash[] POWER = {
    Crash.UNFORCED_LOST, Crash.UNFORCED_PREFIX, Crash.UNFORCED_SECTORS
  };

  private final Simulation simulation;
  private final Random random;
  private final List<Fault> faults;
  private boolean ended;

  Nemesis(Simulation simulation) {
    this.simulation = simulation;
    this.random = simulation.random();
    this.faults = List.copyOf(simulation.plan().faults().stream().sorted().toList());
  }

  void start() {
    later(
        1 + random.nextInt(simulation.plan().calmMs()),
        () -> {
          if (!ended) {
            strike(faults.get(random.nextInt(faults.size())));
            start();
          }
        });
  }

  private void later(long ms, Runnable task) {
    simulation.time().after(ms * SimTime.MS, task);
  }

  /** Everything is mended, and nothing breaks any more. */
  void end() {
    ended = true;
    simulation.trace().say("the end of all faults");
    simulation.network().heal();
    for (SimNode node : simulation.nodes()) {
      SimBroker broker = node.broker();
      if (broker != null) {
        if (!broker.hasFailedDisk()) {
          node.mendDisk();
        }
        broker.membership().learnLate(0);
        node.resume();
      }
    }
    keepUp();
  }

  /** Starts whatever is down, also what was on its way down. */
  private void keepUp() {
    simulation.nodes().forEach(this::startAgain);
    later(300, this::keepUp);
  }

  private SimNode anyNode() {
    return simulation.nodes().get(random.nextInt(simulation.nodes().size()));
  }

  /** Rather often the leader of something. */
  private SimNode victim() {
    ReplicaKey key = simulation.anyPartition();
    PartitionImage partition =
        simulation.quorum().newest().partition(key.topicId(), key.partition());
    return partition != null && partition.hasLeader() && random.nextBoolean()
        ? simulation.node(partition.leader())
        : anyNode();
  }

  private void strike(Fault fault) {
    SimNode node = victim();
    if (simulation.budget().isStrained() && simulation.budget().protects(node.id())) {
      return;
    }
    switch (fault) {
      case KILL -> crash(node, random.nextInt(4) == 0 ? Crash.GARBAGE_TAIL : Crash.KILLED);
      case KILL_ALL -> crashAll();
      case LOSSY_CRASH -> crash(node, LOSSY[random.nextInt(LOSSY.length)]);
      case WIPE -> crash(node, Crash.WIPED);
      case POWER_CUT -> powerCut(node);
      case PAUSE -> pause(node);
      case CUT_ONE_WAY, ISOLATE, CUT_FROM_QUORUM, SLOW -> disturbNetwork(fault, node);
      case QUORUM_LEADER_LOST, QUORUM_STALLS, LATE_IMAGES, ELECT_PREFERRED, FALSE_SUSPICION ->
          disturbQuorum(fault, node);
      case DELETE_RECORDS -> simulation.deleteSomeRecords();
      case CLEAN_RESTART -> restart(node);
      case DISK_FULL -> fillDisk(node);
      case DISK_FAILS -> failDisk(node);
      case QUICK_FAILOVERS -> failOver(simulation.anyPartition(), 2 + random.nextInt(4));
      case STUTTER -> stutter(node, 2 + random.nextInt(3));
      case CRASH_IN_SHRINK -> crashInShrink(node);
      case SESSIONS_FORGOTTEN -> {
        SimBroker broker = node.broker();
        if (broker != null) {
          broker.leaderServer().forgetSessions();
        }
      }
    }
  }

  private void crash(SimNode node, Crash wanted) {
    if (node.broker() == null) {
      return;
    }
    Crash kind = wanted;
    if (kind.mayLose(simulation.plan().flushed())) {
      if (simulation.budget().allows(node.id())) {
        simulation.budget().loses(node.id());
      } else {
        kind = Crash.KILLED;
      }
    }
    node.crash(kind);
    later(random.nextInt(random.nextBoolean() ? 60 : 1_500), () -> startAgain(node));
  }

  /** The next leader has hardly begun when it is followed by another one. */
  private void failOver(ReplicaKey key, int times) {
    PartitionImage partition =
        simulation.quorum().newest().partition(key.topicId(), key.partition());
    if (ended || times == 0 || partition == null) {
      return;
    }
    if (partition.hasLeader()) {
      disturbQuorum(Fault.FALSE_SUSPICION, simulation.node(partition.leader()));
    }
    later(10 + random.nextInt(150), () -> failOver(key, times - 1));
  }

  /** What it was about to be let into the ISR for is gone again before the quorum has heard. */
  private void stutter(SimNode node, int times) {
    if (ended || times == 0 || simulation.budget().protects(node.id())) {
      return;
    }
    int leader = simulation.leaderOf(simulation.anyPartition());
    boolean isDeaf = leader > 0 && leader != node.id() && random.nextBoolean();
    if (isDeaf && !simulation.budget().isStrained()) {
      simulation.network().cut(leader, SimNetwork.QUORUM);
      later(50 + random.nextInt(400), simulation.network()::heal);
    }
    crash(node, LOSSY[random.nextInt(LOSSY.length)]);
    later(60 + random.nextInt(600), () -> stutter(node, times - 1));
  }

  private void crashInShrink(SimNode node) {
    if (simulation.budget().isStrained()) {
      return;
    }
    simulation.trace().say("network: none of the peers reaches " + node.id());
    for (SimNode other : simulation.nodes()) {
      if (other != node && random.nextInt(3) > 0) {
        simulation.network().cut(other.id(), node.id());
      }
    }
    later(
        random.nextInt(2 * simulation.plan().lagMs()),
        () -> {
          simulation.network().heal();
          if (!ended && !simulation.budget().protects(node.id())) {
            crash(node, LOSSY[random.nextInt(LOSSY.length)]);
          }
        });
  }

  private void startAgain(SimNode node) {
    if (node.broker() == null) {
      node.start();
    }
  }

  private void crashAll() {
    if (simulation.budget().isStrained()) {
      return;
    }
    for (SimNode node : simulation.nodes()) {
      if (random.nextInt(6) > 0) {
        crash(node, Crash.KILLED);
      }
    }
  }

  /** Where acks wait for the disk, all may lose what was not forced; elsewhere one does. */
  private void powerCut(SimNode node) {
    Crash kind = POWER[random.nextInt(POWER.length)];
    if (!simulation.plan().flushed() || simulation.budget().isStrained()) {
      crash(node, kind);
      return;
    }
    simulation.nodes().forEach(each -> crash(each, kind));
  }

  private void pause(SimNode node) {
    SimBroker broker = node.broker();
    if (broker == null) {
      return;
    }
    node.pause();
    later(
        20 + random.nextInt(random.nextBoolean() ? 300 : 3_000),
        () -> {
          if (node.broker() == broker) {
            node.resume();
          }
        });
  }

  private void disturbNetwork(Fault fault, SimNode node) {
    if (simulation.budget().isStrained()) {
      return;
    }
    SimNetwork network = simulation.network();
    int id = node.id();
    simulation.trace().say("network: " + fault + " of " + id);
    switch (fault) {
      case CUT_ONE_WAY -> {
        int other = anyNode().id();
        network.cut(id, other);
        if (random.nextBoolean()) {
          network.cut(other, id);
        }
      }
      case ISOLATE -> simulation.nodes().forEach(other -> cutBoth(id, other.id()));
      case CUT_FROM_QUORUM -> {
        if (random.nextBoolean()) {
          network.cut(id, SimNetwork.QUORUM);
        } else {
          network.cut(SimNetwork.QUORUM, id);
        }
        if (random.nextBoolean()) {
          cutBoth(id, SimNetwork.QUORUM);
        }
      }
      default -> network.slowDown(id);
    }
    later(
        50 + random.nextInt(random.nextBoolean() ? 400 : 3_000),
        () -> {
          simulation.trace().say("network heals");
          network.heal();
        });
  }

  private void cutBoth(int a, int b) {
    simulation.network().cut(a, b);
    simulation.network().cut(b, a);
  }

  private void disturbQuorum(Fault fault, SimNode node) {
    SimBroker broker = node.broker();
    Quorum quorum = simulation.quorum();
    simulation.trace().say("quorum: " + fault + " " + node.id());
    switch (fault) {
      case QUORUM_LEADER_LOST -> quorum.loseLeader();
      case QUORUM_STALLS -> quorum.stall((100 + random.nextInt(2_000)) * SimTime.MS);
      case ELECT_PREFERRED ->
          quorum.propose(new ElectLeaders(ElectionKind.PREFERRED, List.of()), (_, _) -> {});
      case FALSE_SUSPICION -> {
        if (broker != null && !simulation.budget().isStrained()) {
          quorum.isGone(node.id(), broker.membership().incarnation());
        }
      }
      default -> {
        if (broker != null) {
          broker.membership().learnLate(simulation.plan().imageLatenessUs());
        }
      }
    }
  }

  private void restart(SimNode node) {
    SimBroker broker = node.broker();
    if (broker == null || simulation.budget().isStrained()) {
      return;
    }
    simulation.trace().say("node " + node.id() + ": is asked to stop");
    broker.stop();
    later(1_500 + random.nextInt(600), () -> startAgain(node));
  }

  private void fillDisk(SimNode node) {
    SimBroker broker = node.broker();
    if (broker == null || broker.hasFailedDisk()) {
      return;
    }
    simulation.trace().say("node " + node.id() + ": disk fills up");
    node.disk().limitCapacity(node.disk().usedBytes() + random.nextInt(3_000));
    later(
        100 + random.nextInt(2_000),
        () -> {
          if (node.broker() == broker) {
            node.disk().limitCapacity(Long.MAX_VALUE);
          }
        });
  }

  private void failDisk(SimNode node) {
    SimBroker broker = node.broker();
    if (broker == null || broker.hasFailedDisk() || !simulation.budget().allows(node.id())) {
      return;
    }
    simulation.trace().say("node " + node.id() + ": disk is about to fail");
    simulation.budget().loses(node.id());
    node.doom(random.nextInt(12));
    later(2_500, () -> startAgain(node));
  }
}
