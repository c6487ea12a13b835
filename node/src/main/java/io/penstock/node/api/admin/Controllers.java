package io.penstock.node.api.admin;

import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;

/**
 * Whom clients are told to send changes to. Every node takes them; the leader of {@code leadership}
 * does so without asking another one. Pure.
 */
final class Controllers {

  private static final int NONE = -1;

  private Controllers() {}

  /** That leader, else this node, else any broker: always one that clients can connect to. */
  static int idFor(ControlPlane control, LeadershipImage image) {
    BrokerImage leader = image.broker(control.leaderId(GroupName.LEADERSHIP));
    if (leader != null && !leader.fenced()) {
      return leader.id();
    }
    BrokerImage self = image.broker(control.nodeId());
    if (self != null && !self.fenced()) {
      return self.id();
    }
    return image.brokers().stream()
        .filter(broker -> !broker.fenced())
        .mapToInt(BrokerImage::id)
        .findFirst()
        .orElse(NONE);
  }
}
