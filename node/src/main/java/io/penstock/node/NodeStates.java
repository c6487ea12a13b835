package io.penstock.node;

import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.raft.GroupRole;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a person what this node becomes in its cluster, a line for each change: which groups it
 * leads, and whether it is a broker that may lead partitions. Called on threads of the control
 * plane.
 */
final class NodeStates implements ImageListener {

  private final int nodeId;
  private final Consumer<String> lines;
  private final Map<GroupName, Boolean> leads = new EnumMap<>(GroupName.class);

  NodeStates(int nodeId, Consumer<String> lines) {
    this.nodeId = nodeId;
    this.lines = lines;
  }

  /** Tells of what is the case at once, then of every change. */
  void follow(ClusterControlPlane control) {
    control.addListener(this);
    for (GroupName group : GroupName.values()) {
      control.addRoleListener(group, role -> roleChanged(group, role));
    }
  }

  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    String now = broker(after);
    if (!now.equals(broker(before))) {
      lines.accept(now);
    }
  }

  private String broker(ClusterImage image) {
    @Nullable BrokerImage broker = image.leadership().broker(nodeId);
    if (broker == null) {
      return "not registered";
    }
    if (broker.fenced()) {
      return "fenced";
    }
    return broker.draining() ? "draining" : "unfenced";
  }

  /** The group has another leader, as far as this node knows. */
  synchronized void roleChanged(GroupName group, GroupRole role) {
    boolean now = role.leaderId() == nodeId;
    @Nullable Boolean before = leads.put(group, now);
    if (now && !Boolean.TRUE.equals(before)) {
      lines.accept("leads " + group.text());
    } else if (!now && Boolean.TRUE.equals(before)) {
      lines.accept("no longer leads " + group.text());
    }
  }
}
