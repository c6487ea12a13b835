package io.penstock.replication.peer;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Whether two nodes may be of one cluster, in words that the operators of both understand. */
public final class Compatibility {

  private Compatibility() {}

  /** Why the two must not talk at all, or null. Who asks does not matter. */
  public static @Nullable String objection(Introduction self, Introduction other) {
    if (!self.clusterName().equals(other.clusterName())) {
      return name(self)
          + " is of the cluster `"
          + self.clusterName()
          + "`, "
          + name(other)
          + " of `"
          + other.clusterName()
          + "`: give both the same `cluster.name`, or correct the address";
    }
    UUID mine = self.clusterId();
    UUID theirs = other.clusterId();
    if (mine != null && theirs != null && !mine.equals(theirs)) {
      return name(self)
          + " belongs to the cluster with the id "
          + mine
          + ", "
          + name(other)
          + " to "
          + theirs
          + ": two clusters of one name do not become one; correct the address, or start one of"
          + " the two with empty data directories";
    }
    if (self.nodeId() == other.nodeId() && !self.incarnation().equals(other.incarnation())) {
      return inUse(self, other);
    }
    return null;
  }

  /** Two processes, or two directories, of one id. */
  public static String inUse(Introduction first, Introduction second) {
    return "node id "
        + first.nodeId()
        + " is used by two processes: at "
        + first.address()
        + " with the data directory "
        + first.directoryId()
        + " and at "
        + second.address()
        + " with "
        + second.directoryId()
        + "; give one of them another `node.id`";
  }

  private static String name(Introduction node) {
    return "node " + node.nodeId() + " at " + node.address();
  }
}
