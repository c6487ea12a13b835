package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.value.NodeIds;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What must hold of all replicas of one partition together. */
final class PartitionCheck {

  private final ReplicaKey key;
  private final Simulation simulation;
  private final History history;
  private final Map<Integer, ReplicaCheck> replicas = new HashMap<>();
  private final Map<Integer, Integer> leaders = new HashMap<>();

  /** The highest watermark that was shown in each leader epoch, once it was known to be right. */
  private final TreeMap<Integer, Long> shown = new TreeMap<>();

  PartitionCheck(ReplicaKey key, Simulation simulation, Set<Long> carefulProducers) {
    this.key = key;
    this.simulation = simulation;
    this.history = new History("partition " + key.partition(), carefulProducers);
  }

  int number() {
    return key.partition();
  }

  History history() {
    return history;
  }

  Map<Integer, ReplicaCheck> replicas() {
    return replicas;
  }

  /** A replica leads, perhaps as before, and has moved. */
  void leads(
      int node,
      int epoch,
      PartitionReplica replica,
      ReplicaMirror mirror,
      boolean isNew,
      String where) {
    Integer other = leaders.putIfAbsent(epoch, node);
    if (other != null && other != node) {
      throw new AssertionError(this + ": nodes " + other + " and " + node + " lead in " + epoch);
    }
    if (isNew) {
      PartitionImage newest = newestImage();
      if (newest != null && newest.leaderEpoch() == epoch) {
        if (mirror.end() < history.end()) {
          throw new AssertionError(
              this
                  + ": committed up to "
                  + history.end()
                  + ", but not on the new leader, "
                  + where);
        }
        history.check(mirror, 0, history.end(), true, where);
      }
    }
    if (!replica.committedEndUnknown()) {
      show(epoch, replica.highWatermark(), where);
    }
  }

  /** A replica has given up: only a disk that fails is a reason. */
  void stopped(int node, String cause) {
    if (!simulation.node(node).isDoomed()) {
      throw new AssertionError(this + ": stopped by a defect on node " + node + ": " + cause);
    }
  }

  private void show(int epoch, long highWatermark, String where) {
    for (long earlier : shown.headMap(epoch, true).values()) {
      if (highWatermark < earlier) {
        throw new AssertionError(
            this + ": watermark goes back for consumers from " + earlier + ", " + where);
      }
    }
    shown.put(epoch, highWatermark);
  }

  boolean isIntact(int node) {
    return simulation.budget().isIntact(key, node);
  }

  /** Null before the topic is there. */
  private @Nullable PartitionImage newestImage() {
    LeadershipImage image = simulation.quorum().newest();
    return image.partition(key.topicId(), key.partition());
  }

  /** Who is in sync, or may be elected, has all that was committed. */
  void checkInSync() {
    PartitionImage newest = newestImage();
    if (newest != null) {
      checkAll(newest.isr());
      checkAll(newest.elr());
    }
  }

  private void checkAll(NodeIds members) {
    for (int i = 0; i < members.size(); i++) {
      ReplicaCheck member = replicas.get(members.get(i));
      if (member != null && isIntact(members.get(i))) {
        member.hasAll();
      }
    }
  }

  @Override
  public String toString() {
    return "partition " + key.partition();
  }
}
