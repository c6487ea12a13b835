package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of every image, and of every step from one to the next, written down without the
 * rules' own helpers where those could be wrong with them.
 */
@SuppressWarnings("ReferenceEquality") // a topic that is the same object did not change
final class LeadershipInvariants {

  private LeadershipInvariants() {}

  static void check(LeadershipImage before, LeadershipImage after, LeadershipCommand command) {
    checkBrokers(before, after, command);
    int partitions = 0;
    for (TopicImage topic : after.topics()) {
      partitions += topic.partitionCount();
      TopicImage old = before.topic(topic.id());
      for (int i = 0; i < topic.partitionCount(); i++) {
        PartitionImage is = topic.partitions().get(i);
        PartitionImage was = old == null ? null : old.partition(i);
        String where = topic.name() + "-" + i + " was " + was + " is " + is;
        checkPartition(after, topic, is, where);
        if (was != null) {
          checkStep(before, after, topic, new PartitionStep(i, was, is), command, where);
        }
      }
      assertTrue(old == null || topic.partitionCount() >= old.partitionCount(), topic.name());
    }
    assertEquals(partitions, after.partitionCount());
  }

  /** One partition before and after a command. */
  private record PartitionStep(int index, PartitionImage was, PartitionImage is) {}

  private static void checkBrokers(
      LeadershipImage before, LeadershipImage after, LeadershipCommand command) {
    assertTrue(after.lastBrokerEpoch() >= before.lastBrokerEpoch(), "broker epochs go back");
    for (BrokerImage broker : after.brokers()) {
      BrokerImage old = before.broker(broker.id());
      if (old == null || old.epoch() != broker.epoch()) {
        assertTrue(broker.epoch() > before.lastBrokerEpoch(), broker + " has an epoch that was");
        assertTrue(command instanceof RegisterBroker && broker.fenced(), broker.toString());
      }
      assertTrue(!broker.fenced() || !broker.draining(), broker.toString());
    }
  }

  private static void checkPartition(
      LeadershipImage image, TopicImage topic, PartitionImage partition, String where) {
    Set<Integer> isr = Set.copyOf(partition.isr().toList());
    Set<Integer> elr = Set.copyOf(partition.elr().toList());
    Set<Integer> replicas = Set.copyOf(partition.replicas().toList());
    assertTrue(!isr.isEmpty(), where);
    assertTrue(replicas.containsAll(isr) && replicas.containsAll(elr), where);
    assertTrue(isr.stream().noneMatch(elr::contains), where);
    assertTrue(elr.isEmpty() || isr.size() < topic.minInsyncReplicas(), "ELR at minimum " + where);
    if (partition.hasLeader()) {
      assertTrue(isr.contains(partition.leader()), "leader out of sync " + where);
      assertTrue(isUnfenced(image, partition.leader()), "fenced leader " + where);
      assertTrue(!partition.bereft(), "led from an empty disk " + where);
    } else if (!partition.bereft()) {
      assertTrue(
          isr.stream().noneMatch(id -> canLead(image, id))
              && elr.stream().noneMatch(id -> canLead(image, id)),
          "no leader, though one could be " + where);
    }
    assertTrue(
        isr.size() == 1 || isr.stream().allMatch(id -> isUnfenced(image, id)),
        "fenced in ISR " + where);
  }

  private static void checkStep(
      LeadershipImage before,
      LeadershipImage after,
      TopicImage topic,
      PartitionStep step,
      LeadershipCommand command,
      String where) {
    PartitionImage was = step.was;
    PartitionImage is = step.is;
    assertEquals(was.replicas(), is.replicas(), where);
    if (was.equals(is)) {
      return;
    }
    assertTrue(is.partitionEpoch() > was.partitionEpoch(), "partition epoch " + where);
    assertTrue(
        is.leader() == was.leader()
            ? is.leaderEpoch() >= was.leaderEpoch()
            : is.leaderEpoch() > was.leaderEpoch(),
        "leader epoch " + where);
    if (command instanceof ElectLeaders(ElectionKind kind, _) && kind == ElectionKind.UNCLEAN) {
      return;
    }
    if (command instanceof ChangeIsr change) {
      checkExactMatch(before, topic.id(), step, change, where);
    } else {
      IntPredicate known = id -> was.isr().contains(id) || was.elr().contains(id);
      assertTrue(is.isr().allMatch(known) && is.elr().allMatch(known), "invented " + where);
    }
    checkNobodyIsForgotten(topic, was, is, command, lostData(before, command), where);
    checkLossIsTakenIntoAccount(is, was, lostData(before, command), where);
    assertTrue(after.lastBrokerEpoch() >= 0);
  }

  /** Who held everything that was committed still counts, unless the ISR has the minimum. */
  private static void checkNobodyIsForgotten(
      TopicImage topic,
      PartitionImage was,
      PartitionImage is,
      LeadershipCommand command,
      int lost,
      String where) {
    if (is.isr().size() >= topic.minInsyncReplicas() || command instanceof SetMinInsyncReplicas) {
      return;
    }
    IntPredicate kept = id -> is.isr().contains(id) || is.elr().contains(id) || id == lost;
    assertTrue(was.isr().allMatch(kept) && was.elr().allMatch(kept), "forgotten " + where);
  }

  private static void checkLossIsTakenIntoAccount(
      PartitionImage is, PartitionImage was, int lost, String where) {
    boolean others = !was.isr().allMatch(id -> id == lost) || !was.elr().allMatch(id -> id == lost);
    if (lost >= 0 && others) {
      assertTrue(
          !is.isr().contains(lost) && !is.elr().contains(lost), "it may lack records " + where);
    }
  }

  /** The broker that this command registers after an unclean stop, or -1. */
  static int lostData(LeadershipImage before, LeadershipCommand command) {
    if (command instanceof RegisterBroker register) {
      BrokerImage former = before.broker(register.brokerId());
      boolean again = former != null && former.incarnation().equals(register.incarnation());
      if (former != null
          && !again
          && (former.epoch() != register.previousEpoch()
              || former.directories().lacks(register.directories()))) {
        return former.id();
      }
    }
    return -1;
  }

  private static void checkExactMatch(
      LeadershipImage before, UUID topic, PartitionStep step, ChangeIsr command, String where) {
    PartitionImage was = step.was;
    assertEquals(was.leader(), step.is.leader(), where);
    assertEquals(was.leader(), command.brokerId(), where);
    assertEquals(epochOf(before, command.brokerId()), command.brokerEpoch(), where);
    for (IsrChange change : command.changes()) {
      if (change.topicId().equals(topic)
          && change.partition() == step.index
          && change.leaderEpoch() == was.leaderEpoch()
          && change.partitionEpoch() == was.partitionEpoch()
          && change.isr().size() == step.is.isr().size()
          && change.isr().stream().allMatch(member -> matches(before, step.is, member))) {
        return;
      }
    }
    throw new AssertionError("taken without an exact match " + where);
  }

  private static boolean matches(LeadershipImage before, PartitionImage is, IsrMember member) {
    return is.isr().contains(member.brokerId())
        && epochOf(before, member.brokerId()) == member.brokerEpoch()
        && isUnfenced(before, member.brokerId());
  }

  private static long epochOf(LeadershipImage image, int id) {
    BrokerImage broker = image.broker(id);
    return broker == null ? -1 : broker.epoch();
  }

  private static boolean isUnfenced(LeadershipImage image, int id) {
    @Nullable BrokerImage broker = image.broker(id);
    return broker != null && !broker.fenced();
  }

  private static boolean canLead(LeadershipImage image, int id) {
    @Nullable BrokerImage broker = image.broker(id);
    return broker != null && !broker.fenced() && !broker.draining();
  }
}
