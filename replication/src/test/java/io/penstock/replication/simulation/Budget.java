package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.NodeIds;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What may be lost at a time, so that nothing that was promised need be: while a replica in sync
 * has lost data and the quorum does not know yet, another one that kept its own stays up and
 * connected. Where that comes to an end all the same (a leader asked for a smaller ISR just before
 * it died with its disk), the partition is excused from then on.
 */
final class Budget {

  private final Simulation simulation;
  private final Map<ReplicaKey, Set<Integer>> damaged = new HashMap<>();
  private final Set<ReplicaKey> excused = new HashSet<>();

  Budget(Simulation simulation) {
    this.simulation = simulation;
  }

  /** Whether nothing is promised of a partition any more. */
  boolean isExcused(ReplicaKey key) {
    return !excused.isEmpty() && excused.contains(key);
  }

  boolean hasExcused() {
    return !excused.isEmpty();
  }

  /** Whether a replica has all that it acknowledged. */
  boolean isIntact(ReplicaKey key, int node) {
    return !damaged.getOrDefault(key, Set.of()).contains(node);
  }

  /** A broker has lost what it had, or is about to. */
  void loses(int node) {
    forEach(
        simulation.quorum().newest(),
        (key, partition) -> {
          if (partition.replicas().contains(node)) {
            damaged.computeIfAbsent(key, _ -> new HashSet<>()).add(node);
          }
        });
  }

  /** Whether a broker may lose its data now. */
  boolean allows(int node) {
    boolean[] allowed = {true};
    LeadershipImage image = simulation.quorum().newest();
    forEach(
        image,
        (key, partition) -> {
          if (!isMember(partition, node)) {
            return;
          }
          boolean isClean = partition.replicas().allMatch(id -> !isSuspect(key, partition, id));
          boolean othersHold =
              !partition
                  .isr()
                  .allMatch(id -> id == node || !isIntact(key, id) || !isSafe(image, id));
          allowed[0] &= isClean && othersHold;
        });
    return allowed[0];
  }

  private boolean isSafe(LeadershipImage image, int id) {
    BrokerImage broker = image.broker(id);
    return broker != null
        && !broker.fenced()
        && simulation.node(id).isRunning()
        && !simulation.node(id).isDoomed()
        && simulation.network().isUndisturbed();
  }

  /** Whether all depends on a broker, so that nothing may happen to it. */
  boolean protects(int node) {
    boolean[] found = {false};
    forEach(
        simulation.quorum().newest(),
        (key, partition) -> {
          boolean anySuspect = !partition.replicas().allMatch(id -> !isSuspect(key, partition, id));
          found[0] |= anySuspect && partition.isr().contains(node) && isIntact(key, node);
        });
    return found[0];
  }

  /** Whether anybody is protected: then the network and the quorum are left alone too. */
  boolean isStrained() {
    return simulation.nodes().stream().anyMatch(node -> protects(node.id()));
  }

  private boolean isSuspect(ReplicaKey key, PartitionImage partition, int node) {
    return isMember(partition, node) && !isIntact(key, node);
  }

  private static boolean isMember(PartitionImage partition, int node) {
    return partition.isr().contains(node) || partition.elr().contains(node);
  }

  /**
   * The quorum knows more: whoever is in an ISR or ELR under a registration since then is taken to
   * have everything again, for the rules take out who registers after an unclean stop.
   */
  void applied(LeadershipImage before, LeadershipImage after) {
    forEach(
        after,
        (key, partition) -> {
          Set<Integer> lossy = damaged.get(key);
          PartitionImage former = before.partition(key.topicId(), key.partition());
          if (lossy == null || lossy.isEmpty() || former == null) {
            return;
          }
          NodeIds isr = partition.isr();
          if (isr.allMatch(lossy::contains) && partition.elr().allMatch(lossy::contains)) {
            excused.add(key);
            simulation.trace().say("excused: " + key.partition() + " " + partition);
          }
          lossy.removeIf(id ->
              isMember(partition, id)
                  && !simulation.node(id).isDoomed()
                  && isOfThisProcess(after, id));
        });
  }

  private boolean isOfThisProcess(LeadershipImage image, int id) {
    BrokerImage registered = image.broker(id);
    SimBroker broker = simulation.node(id).broker();
    return registered != null
        && broker != null
        && registered.incarnation().equals(broker.membership().incarnation());
  }

  /** Looks at one partition. */
  interface Visitor {
    void visit(ReplicaKey key, PartitionImage partition);
  }

  static void forEach(LeadershipImage image, Visitor visitor) {
    for (TopicImage topic : image.topics()) {
      for (int i = 0; i < topic.partitionCount(); i++) {
        visitor.visit(new ReplicaKey(topic.id(), i), topic.partitions().get(i));
      }
    }
  }
}
