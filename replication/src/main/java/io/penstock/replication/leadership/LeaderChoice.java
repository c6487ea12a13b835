package io.penstock.replication.leadership;

import static io.penstock.replication.leadership.PartitionImage.NO_LEADER;

import io.penstock.replication.value.NodeIds;
import java.util.function.IntPredicate;

/**
 * Who leads a partition, and what its ISR and ELR become. All changes of a partition are made here,
 * so that the epochs rise as they must and nobody leads who may lack a committed record: leaders
 * come from the ISR, then from the ELR, in assignment order.
 */
final class LeaderChoice {

  private LeaderChoice() {}

  /**
   * The partition after the replicas in {@code leaving} left its ISR, and an election where its
   * leader cannot stay. The last member of an ISR stays in it, since nobody else is known to hold
   * everything.
   *
   * @param leaving out of the ISR, holding all that was committed
   * @param canLead who may be given leadership; the present leader too has to pass
   */
  static PartitionImage afterLeaving(
      PartitionImage partition, int minInsync, IntPredicate leaving, IntPredicate canLead) {
    NodeIds staying = partition.isr().filter(id -> !leaving.test(id));
    NodeIds isr = staying.isEmpty() ? lastStanding(partition) : staying;
    return elect(partition, isr, eligible(partition, isr, minInsync), minInsync, canLead);
  }

  /**
   * The partition after one replica lost data that it may have acknowledged. It leaves ISR and ELR,
   * unless it is the last of both: then nobody knows more than it does. Where it has lost its whole
   * disk, that is nothing: it is not elected, or an empty log would be taken for what was
   * committed.
   */
  static PartitionImage afterDataLoss(
      PartitionImage partition, int lost, boolean whole, int minInsync, IntPredicate canLead) {
    NodeIds isr = partition.isr().without(lost);
    NodeIds elr = partition.elr().without(lost);
    if (isr.isEmpty() && elr.isEmpty()) {
      if (whole) {
        return bereft(partition, true);
      }
      return elect(partition, partition.isr(), elr, minInsync, canLead);
    }
    if (isr.isEmpty()) {
      int heir = firstIn(partition.replicas(), elr, canLead);
      heir = heir == NO_LEADER ? elr.get(0) : heir;
      isr = NodeIds.of(heir);
      elr = elr.without(heir);
    }
    return elect(partition, isr, isr.size() >= minInsync ? NodeIds.NONE : elr, minInsync, canLead);
  }

  /**
   * The partition after its leader asked for an ISR, which was checked before. One that asks for
   * the ISR that is there gets another partition epoch, too: by that it knows that nothing of what
   * it has asked for before, and heard nothing of, can be taken any more.
   */
  static PartitionImage afterIsrChange(PartitionImage partition, NodeIds asked, int minInsync) {
    NodeIds isr = partition.replicas().filter(asked::contains);
    return next(partition, partition.leader(), isr, eligible(partition, isr, minInsync));
  }

  /** The same members under another {@code min.insync.replicas}. */
  static PartitionImage afterMinInsyncChange(PartitionImage partition, int minInsync) {
    NodeIds elr = partition.isr().size() >= minInsync ? NodeIds.NONE : partition.elr();
    return changed(partition, partition.leader(), partition.isr(), elr);
  }

  /** An election where the present leader may not stay or there is none. */
  static PartitionImage electIfNeeded(
      PartitionImage partition, int minInsync, IntPredicate canLead) {
    return elect(partition, partition.isr(), partition.elr(), minInsync, canLead);
  }

  /** Moves leadership to a member of the ISR. */
  static PartitionImage withLeader(PartitionImage partition, int leader) {
    return changed(partition, leader, partition.isr(), partition.elr());
  }

  /** Leadership for a replica that may lack committed records: it alone is in sync afterwards. */
  static PartitionImage unclean(PartitionImage partition, int leader) {
    return changed(partition, leader, NodeIds.of(leader), NodeIds.NONE);
  }

  /** The disk of the last member is gone, or it is back. */
  static PartitionImage bereft(PartitionImage partition, boolean now) {
    return partition.bereft() == now
        ? partition
        : new PartitionImage(
            NO_LEADER,
            partition.hasLeader() ? partition.leaderEpoch() + 1 : partition.leaderEpoch(),
            partition.partitionEpoch() + 1,
            partition.replicas(),
            partition.isr(),
            partition.elr(),
            now);
  }

  private static PartitionImage elect(
      PartitionImage partition, NodeIds isr, NodeIds elr, int minInsync, IntPredicate canLead) {
    if (partition.bereft()) {
      return partition;
    }
    int leader = partition.leader();
    if (leader != NO_LEADER && isr.contains(leader) && canLead.test(leader)) {
      return changed(partition, leader, isr, elr);
    }
    leader = firstIn(partition.replicas(), isr, canLead);
    if (leader != NO_LEADER) {
      return changed(partition, leader, isr, elr);
    }
    leader = firstIn(partition.replicas(), elr, canLead);
    if (leader == NO_LEADER) {
      return changed(partition, NO_LEADER, isr, elr);
    }
    // The former ISR is fenced, but holds all that was committed: as long as the new ISR of one is
    // below the minimum nothing more is, and its members stay eligible.
    int elected = leader;
    NodeIds kept = partition.replicas().filter(id -> elr.contains(id) || isr.contains(id));
    NodeIds eligible = minInsync > 1 ? kept.without(elected) : NodeIds.NONE;
    return changed(partition, elected, NodeIds.of(elected), eligible);
  }

  /** Who is out of the ISR and known to hold all that was committed (KIP-966). */
  private static NodeIds eligible(PartitionImage partition, NodeIds isr, int minInsync) {
    if (isr.size() >= minInsync) {
      return NodeIds.NONE;
    }
    NodeIds before = partition.isr();
    NodeIds elr = partition.elr();
    return partition
        .replicas()
        .filter(id -> !isr.contains(id) && (elr.contains(id) || before.contains(id)));
  }

  private static NodeIds lastStanding(PartitionImage partition) {
    NodeIds isr = partition.isr();
    return NodeIds.of(partition.hasLeader() ? partition.leader() : isr.get(0));
  }

  private static int firstIn(NodeIds replicas, NodeIds candidates, IntPredicate canLead) {
    for (int i = 0; i < replicas.size(); i++) {
      int id = replicas.get(i);
      if (candidates.contains(id) && canLead.test(id)) {
        return id;
      }
    }
    return NO_LEADER;
  }

  private static PartitionImage changed(
      PartitionImage before, int leader, NodeIds isr, NodeIds elr) {
    if (leader == before.leader() && isr.equals(before.isr()) && elr.equals(before.elr())) {
      return before;
    }
    return next(before, leader, isr, elr);
  }

  private static PartitionImage next(PartitionImage before, int leader, NodeIds isr, NodeIds elr) {
    NodeIds replicas = before.replicas();
    return new PartitionImage(
        leader,
        leader == before.leader() ? before.leaderEpoch() : before.leaderEpoch() + 1,
        before.partitionEpoch() + 1,
        replicas,
        isr.equals(replicas) ? replicas : isr,
        elr);
  }
}
