package io.penstock.replication.simulation;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.follower.FetchLane;
import io.penstock.replication.follower.FollowerServices;
import io.penstock.replication.follower.LeaderEndpoint;
import io.penstock.replication.follower.ReplicaFollower;
import io.penstock.replication.isr.IsrKeeper;
import io.penstock.replication.isr.OwnRegistration;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.partition.WakeTarget;
import io.penstock.replication.partition.Wakeups;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** One process of a simulated broker, from its start to its end: the real parts, wired by hand. */
final class SimBroker {

  private static final long TICK_US = 400 * SimTime.MS;
  private static final int BLOCKED_US_MAX = 15_000;
  private static final long DRAIN_MS = 700;

  private final SimNode node;
  private final Simulation simulation;
  private final SimProcess process;
  private final SimWork work;
  private final SimStorage storage;
  private final Membership membership;
  private final SimReplicas replicas;
  private final LeaderServer leaderServer;
  private final ClientServer clientServer;
  private final ReplicaFollower follower;
  private final IsrKeeper isrKeeper;
  private final List<SimLeaderEndpoint> endpoints = new ArrayList<>();
  private boolean stopping;
  private boolean diskFailed;

  /** Finds what the disk has; {@link #start} is what begins to act on it. */
  SimBroker(SimNode node, UUID incarnation, Simulation simulation) throws StorageException {
    this.node = node;
    this.simulation = simulation;
    Random random = simulation.random();
    this.process = new SimProcess(simulation.time());
    this.work = new SimWork(simulation.time(), process, random, this::diskFailed);
    this.storage =
        new SimStorage(
            node.disk(), work, simulation.plan().logSettings(), process, this::diskFailed);
    long previousEpoch = storage.start();
    this.membership =
        new Membership(node, process, incarnation, previousEpoch, simulation, this::imageChanged);
    this.replicas =
        new SimReplicas(
            node.id(), storage, process, random, membership::leadership, this::diskFailed);
    Loop home = new Loop(process);
    Wakeups wakeups = new Wakeups();
    this.leaderServer =
        new LeaderServer(process, random, replicas, home, wakeups, simulation.buffers());
    this.clientServer = new ClientServer(process, replicas, home, wakeups);
    FollowerServices services =
        new FollowerServices(
            membership::epoch,
            this::endpointTo,
            process,
            task -> process.after(random.nextInt(BLOCKED_US_MAX), task),
            random);
    this.follower =
        new ReplicaFollower(
            node.id(), services, simulation.plan().followerSettings(), new MetricRegistry());
    this.isrKeeper =
        new IsrKeeper(
            new PeerCaller(node.id(), incarnation),
            simulation.plan().isrSettings(),
            new SimLoop(process),
            membership::image,
            new OwnRegistration(membership::epoch, membership::contactMs),
            membership::propose,
            new SimPeers(node.id(), process, simulation),
            new MetricRegistry());
    replicas.addObserver(follower);
    replicas.addObserver(isrKeeper);
  }

  /** All loops of a process are one thread here. */
  private record Loop(SimProcess process) implements WakeTarget {
    @Override
    public boolean isCurrentThread() {
      return true;
    }

    @Override
    public void execute(Runnable task) {
      process.run(task);
    }
  }

  void start() {
    isrKeeper.start();
    membership.start();
    process.every(TICK_US, () -> storage.tick(process.nowMs()));
  }

  private LeaderEndpoint endpointTo(int leader, FetchLane lane) {
    SimLeaderEndpoint endpoint = new SimLeaderEndpoint(this, leader, simulation);
    endpoints.add(endpoint);
    return endpoint;
  }

  private void imageChanged(ClusterImage before, ClusterImage after) {
    if (!diskFailed) {
      replicas.imageChanged();
    }
    isrKeeper.imageChanged(before, after);
    process.after(0, this::serveWhenOpen);
  }

  private void serveWhenOpen() {
    if (!stopping && !diskFailed && replicas.areOpen()) {
      membership.serve(true);
    } else if (!stopping) {
      process.after(20 * SimTime.MS, this::serveWhenOpen);
    }
  }

  int node() {
    return node.id();
  }

  SimProcess process() {
    return process;
  }

  Membership membership() {
    return membership;
  }

  SimReplicas replicas() {
    return replicas;
  }

  SimStorage storage() {
    return storage;
  }

  LeaderServer leaderServer() {
    return leaderServer;
  }

  ClientServer clientServer() {
    return clientServer;
  }

  boolean hasFailedDisk() {
    return diskFailed;
  }

  /** Another process has died, and the connections to it have ended. */
  void peerDied(SimBroker peer) {
    endpoints.forEach(endpoint -> endpoint.serverDied(peer));
    isrKeeper.connectionLost(
        new PeerCaller(peer.node(), peer.membership().incarnation()),
        SimPeers.addressOf(peer.node()));
  }

  private void diskFailed(StorageException cause) {
    if (diskFailed) {
      return;
    }
    diskFailed = true;
    simulation.trace().say("node " + node.id() + ": disk failed: " + cause.getMessage());
    process.run(() -> {
      replicas.goOffline();
      storage.giveUp();
    });
    node.diskFailed(this);
  }

  /** An orderly end: leaderships move away, the broker is fenced, then it closes its logs. */
  void stop() {
    stopping = true;
    membership.serve(false);
    long epoch = membership.epoch();
    if (epoch >= 0) {
      var _ = membership.propose(new DrainBroker(node.id(), epoch));
    }
    process.after(
        DRAIN_MS * SimTime.MS,
        () -> {
          if (epoch >= 0) {
            var _ = membership.propose(new FenceBroker(node.id(), epoch));
          }
          process.after(DRAIN_MS * SimTime.MS, this::end);
        });
  }

  private void end() {
    if (diskFailed) {
      return;
    }
    try {
      isrKeeper.close();
      follower.close();
      replicas.retire();
      storage.close(membership.epoch());
      simulation.trace().say("node " + node.id() + ": stopped cleanly");
      node.stopped(this);
    } catch (StorageException failure) {
      simulation.trace().say("node " + node.id() + ": stop failed: " + failure.getMessage());
      node.crash(Crash.KILLED);
    }
  }
}
