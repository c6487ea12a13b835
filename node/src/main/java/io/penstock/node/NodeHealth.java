package io.penstock.node;

import io.penstock.node.admin.GroupSources;
import io.penstock.node.admin.Readiness;
import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.leadership.BrokerImage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node does its work, and if not, why, from the beginning of its start to the end of
 * its stop. The node's thread tells it what there is by now; asked by any thread.
 */
final class NodeHealth {

  private enum Phase {
    STARTING,
    UP,
    STOPPING
  }

  /** The parts that know. */
  private record Parts(
      ClusterControlPlane control, Liveness liveness, @Nullable BrokerSide broker) {}

  private final int nodeId;
  private volatile Phase phase = Phase.STARTING;
  private volatile @Nullable Parts parts;

  /** Logs that are opened later, of new topics, do not make a broker less ready. */
  private volatile boolean openedAll;

  NodeHealth(int nodeId) {
    this.nodeId = nodeId;
  }

  void watch(ClusterControlPlane control, Liveness liveness, @Nullable BrokerSide broker) {
    parts = new Parts(control, liveness, broker);
  }

  void isUp() {
    phase = Phase.UP;
  }

  void isStopping() {
    phase = Phase.STOPPING;
  }

  /** What is known of groups; null where the node is no broker, not yet or no more. */
  @Nullable GroupSources groups() {
    Parts known = phase == Phase.STOPPING ? null : parts;
    return known == null || known.broker == null ? null : known.broker.groupSources();
  }

  Readiness readiness() {
    List<String> reasons = new ArrayList<>();
    switch (phase) {
      case STARTING -> reasons.add("starting");
      case STOPPING -> reasons.add("stopping");
      case UP -> {}
    }
    Parts known = parts;
    if (known != null && phase != Phase.STOPPING) {
      if (known.broker == null) {
        addMissingLeaders(known.control, reasons);
      } else {
        addRole(known.control, known.liveness, reasons);
        addPartitions(known.broker, reasons);
      }
    }
    return new Readiness(reasons);
  }

  /** A broker is told by {@link Liveness}, which bears that a leader is being elected. */
  private static void addMissingLeaders(ClusterControlPlane control, List<String> reasons) {
    for (GroupName group : GroupName.values()) {
      if (control.leaderId(group) < 0) {
        reasons.add("no leader of " + group.text() + " is known");
      }
    }
  }

  private void addRole(ClusterControlPlane control, Liveness liveness, List<String> reasons) {
    BrokerImage broker = control.image().leadership().broker(nodeId);
    if (broker == null || broker.epoch() != liveness.epoch()) {
      reasons.add("not registered");
    } else if (broker.fenced()) {
      reasons.add("fenced");
    } else if (broker.draining()) {
      reasons.add("draining");
    }
    if (liveness.isCutOff()) {
      reasons.add("cut off: the cluster has not answered for a session");
    }
  }

  private void addPartitions(BrokerSide broker, List<String> reasons) {
    if (openedAll) {
      return;
    }
    int opening = broker.openingCount();
    if (opening == 0) {
      openedAll = true;
    } else {
      reasons.add(opening < 0 ? "partitions not known" : opening + " partitions being opened");
    }
  }
}
