package io.penstock.replication.simulation;

import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.replication.simulation.SimReplicas.Hosted;
import io.penstock.storage.io.StorageException;

/** What one replica showed last, so that only what has changed since is looked at. */
final class ReplicaCheck {

  private final int node;
  private final PartitionCheck partition;
  private final Hosted hosted;
  private final ReplicaMirror mirror;
  private final Trace trace;
  private long verified;
  private long end = -1;
  private long start = -1;
  private long highWatermark = -1;
  private ReplicaRole role = new ReplicaRole.Follower(-1, -1);

  ReplicaCheck(int node, PartitionCheck partition, Hosted hosted, Trace trace) {
    this.node = node;
    this.partition = partition;
    this.hosted = hosted;
    this.mirror = new ReplicaMirror(hosted.log());
    this.trace = trace;
  }

  Hosted hosted() {
    return hosted;
  }

  ReplicaMirror mirror() {
    return mirror;
  }

  String where() {
    return "node " + node + " (" + role + ", " + start + ".." + highWatermark + ".." + end + ")";
  }

  /** Looks at what has changed; the replica's disk has not failed. */
  void look() throws StorageException {
    PartitionReplica replica = hosted.replica();
    long newEnd = replica.logEndOffset();
    long newStart = replica.logStartOffset();
    long newWatermark = replica.highWatermark();
    ReplicaRole newRole = replica.role();
    if (newEnd == end
        && newStart == start
        && newWatermark == highWatermark
        && newRole.equals(role)) {
      return;
    }
    boolean isNewRole = !newRole.equals(role);
    end = newEnd;
    start = newStart;
    highWatermark = newWatermark;
    role = newRole;
    trace.note("replica", node, partition.number(), start, highWatermark, end, roleNumber());
    verified = Math.min(verified, mirror.follow());
    if (newWatermark > newEnd || newWatermark < newStart) {
      throw new AssertionError(partition + ": watermark out of the log on " + where());
    }
    switch (newRole) {
      case ReplicaRole.Leader(int epoch) -> {
        partition.history().commit(mirror, newWatermark, where());
        partition.leads(node, epoch, replica, mirror, isNewRole, where());
      }
      case ReplicaRole.Follower _ -> {}
      case ReplicaRole.Offline(_, String cause) -> partition.stopped(node, cause);
    }
    verify(newWatermark);
  }

  private long roleNumber() {
    return role instanceof ReplicaRole.Leader ? role.leaderEpoch() : -1 - role.leaderEpoch();
  }

  private void verify(long to) {
    if (to > partition.history().end()) {
      throw new AssertionError(
          partition
              + ": only "
              + partition.history().end()
              + " is committed, not so on "
              + where());
    }
    boolean exactly = partition.isIntact(node);
    partition.history().check(mirror, verified, to, exactly, where());
    // What its disk did to it is cut when it is followed again, and looked at anew.
    verified = exactly ? Math.max(verified, to) : verified;
  }

  /** It is in sync, so it has everything that is committed. */
  void hasAll() {
    long committed = partition.history().end();
    if (end < committed) {
      throw new AssertionError(
          partition
              + ": in sync, but without what is committed up to "
              + committed
              + ": "
              + where());
    }
    if (verified < committed) {
      verify(committed);
    }
  }
}
