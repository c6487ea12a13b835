package io.penstock.replication.liveness;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Nodes, their network and their group in virtual time. The voters have the lowest ids, from 1. */
final class SimCluster {

  private final VirtualTime time = new VirtualTime();
  private final LivenessSettings settings;
  private final SimNetwork network;
  private final SimGroup group;
  private final Map<Integer, SimNode> nodes = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private long incarnations;

  SimCluster(long seed, LivenessSettings settings, int voters, int brokers) {
    Random random = new Random(seed);
    this.settings = settings;
    this.network = new SimNetwork(time, random);
    int[] voterIds = new int[voters];
    for (int i = 0; i < voters; i++) {
      voterIds[i] = i + 1;
    }
    this.group = new SimGroup(time, random, this, voterIds);
    for (int id = 1; id <= brokers; id++) {
      start(id, -1);
    }
  }

  /** Three voters, five brokers, all of them serving, and led by node 1. */
  static SimCluster running(long seed) {
    return running(seed, LivenessSettings.defaults());
  }

  static SimCluster running(long seed, LivenessSettings settings) {
    SimCluster cluster = new SimCluster(seed, settings, 3, 5);
    cluster.group.elect(1);
    if (cluster.time.runUntil(cluster::areAllActive, 10_000) < 0) {
      throw new IllegalStateException("seed " + seed + ": " + cluster.describe());
    }
    cluster.time.run(1_000);
    return cluster;
  }

  private SimNode start(int id, long previousEpoch) {
    SimNode node = new SimNode(id, "node" + id, this, previousEpoch);
    nodes.put(id, node);
    network.listen(node);
    node.begin();
    return node;
  }

  /** The process ends at once; its host refuses connections. */
  void kill(int id) {
    SimNode node = node(id);
    node.process().kill();
    group.killed(id);
    network.lost(node);
  }

  /** A new process of a node that was killed or has stopped. */
  SimNode restart(int id) {
    SimNode former = node(id);
    if (!former.process().isKilled()) {
      throw new IllegalStateException("node " + id + " runs");
    }
    return start(id, former.lifecycle().epoch());
  }

  /** Another process that was given the id of a node. */
  SimNode impostor(int id, String host) {
    SimNode node = new SimNode(id, host, this, -1);
    network.listen(node);
    node.begin();
    return node;
  }

  VirtualTime time() {
    return time;
  }

  LivenessSettings settings() {
    return settings;
  }

  SimNetwork network() {
    return network;
  }

  SimGroup group() {
    return group;
  }

  SimNode node(int id) {
    SimNode node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("no node " + id);
    }
    return node;
  }

  List<SimNode> nodes() {
    return List.copyOf(nodes.values());
  }

  long nextIncarnation() {
    return ++incarnations;
  }

  /** As the group has agreed. */
  @Nullable BrokerImage broker(int id) {
    return group.image().broker(id);
  }

  boolean isFenced(int id) {
    BrokerImage broker = broker(id);
    return broker == null || broker.fenced();
  }

  boolean areAllActive() {
    return nodes.values().stream()
        .allMatch(node ->
            node.lifecycle().state() == BrokerState.ACTIVE
                && !isFenced(node.id())
                && !node.lifecycle().isCutOff());
  }

  void violated(String what) {
    violations.add(time.nowMs() + " ms: " + what);
  }

  List<String> violations() {
    return violations;
  }

  String describe() {
    StringBuilder text = new StringBuilder("leader " + group.leaderId());
    for (SimNode node : nodes.values()) {
      text.append("\n  ")
          .append(broker(node.id()))
          .append(" ")
          .append(node.process().isKilled() ? "killed" : node.process().isPaused() ? "paused" : "")
          .append(" ")
          .append(node.states());
    }
    return text.toString();
  }

  static int brokerOf(LeadershipCommand command) {
    return switch (command) {
      case RegisterBroker register -> register.brokerId();
      case FenceBroker fence -> fence.brokerId();
      case UnfenceBroker unfence -> unfence.brokerId();
      default -> throw new IllegalArgumentException("" + command);
    };
  }
}
