package io.penstock.replication.partition;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.peer.PeerCaller;

/**
 * Which roles are this process's. What an image says of a broker was given to the process that was
 * registered then. One that starts again, perhaps without the tail of its logs, sees its
 * predecessor's until its own registration has ended them: were it to lead on, replicas in sync
 * would cut off what they hold and it has lost.
 */
public final class OwnRoles {

  private OwnRoles() {}

  /**
   * The partition as this process is to take it: without a leader where that is another process.
   */
  public static PartitionImage of(
      PeerCaller self, LeadershipImage image, PartitionImage partition) {
    if (partition.leader() != self.nodeId() || isRegistered(self, image)) {
      return partition;
    }
    return new PartitionImage(
        PartitionImage.NO_LEADER,
        partition.leaderEpoch(),
        partition.partitionEpoch(),
        partition.replicas(),
        partition.isr(),
        partition.elr());
  }

  /** Whether the image was made with the registration of this process in it. */
  static boolean isRegistered(PeerCaller self, LeadershipImage image) {
    BrokerImage broker = image.broker(self.nodeId());
    return broker != null && broker.incarnation().equals(self.incarnation());
  }
}
