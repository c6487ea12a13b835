package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.codec.LeadershipCommandCodec;
import io.penstock.replication.leadership.codec.LeadershipImageCodec;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.NodeIds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Random commands, many of them stale or wrong, against the invariants that keep committed records.
 * A failure names its seed.
 */
class RandomScheduleTest {

  private static final int BROKERS = 6;
  private static final int STEPS = 400;

  @Test
  void everyScheduleKeepsTheInvariants() {
    for (long seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      LeadershipImage image = LeadershipImage.EMPTY;
      for (int step = 0; step < STEPS; step++) {
        LeadershipCommand command = randomCommand(random, image, step);
        String at = "seed " + seed + " step " + step + " " + command;
        LeadershipImage next = LeadershipRules.apply(image, command).image();
        checkImage(next, at);
        checkStep(image, next, command, at);
        image = next;
      }
    }
  }

  @Test
  void decodedCommandsAndRestoredSnapshotsComputeTheSameImage() throws IOException {
    for (long seed = 100; seed < 130; seed++) {
      Random random = new Random(seed);
      LeadershipImage image = LeadershipImage.EMPTY;
      LeadershipImage restored = LeadershipImage.EMPTY;
      for (int step = 0; step < STEPS; step++) {
        LeadershipCommand command = randomCommand(random, image, step);
        LeadershipCommand decoded =
            LeadershipCommandCodec.decode(LeadershipCommandCodec.encode(command));
        assertEquals(command, decoded, "seed " + seed);
        var applied = LeadershipRules.apply(image, command);
        var replayed = LeadershipRules.apply(restored, decoded);
        assertEquals(applied, replayed, "seed " + seed + " step " + step);
        image = applied.image();
        restored = random.nextInt(20) == 0 ? copy(replayed.image()) : replayed.image();
        assertEquals(image.partitionCount(), restored.partitionCount());
      }
      assertEquals(image, copy(image), "seed " + seed);
    }
  }

  private static LeadershipImage copy(LeadershipImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LeadershipImageCodec.write(image, new CompactOutput(bytes));
    byte[] array = bytes.toByteArray();
    return LeadershipImageCodec.read(
        new CompactInput(new ByteArrayInputStream(array), array.length));
  }

  private static void checkImage(LeadershipImage image, String at) {
    int partitions = 0;
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        partitions++;
        String where = at + " " + topic.name() + " " + partition;
        assertFalse(partition.isr().isEmpty(), where);
        assertFalse(partition.replicas().hasDuplicates(), where);
        assertTrue(partition.replicas().containsAll(partition.isr()), where);
        assertTrue(partition.elr().isEmpty() || topic.minInsyncReplicas() > 1, where);
        assertTrue(
            partition.elr().isEmpty() || partition.isr().size() < topic.minInsyncReplicas(), where);
        if (partition.hasLeader()) {
          assertTrue(partition.isr().contains(partition.leader()), where);
          BrokerImage leader = image.broker(partition.leader());
          assertTrue(leader != null && !leader.fenced(), where);
        } else {
          // Nobody who could lead without loss is alive.
          NodeIds eligible = partition.isr();
          assertTrue(eligible.allMatch(BrokerRules.canLead(image).negate()), where);
          assertTrue(partition.elr().allMatch(BrokerRules.canLead(image).negate()), where);
        }
        if (partition.isr().size() > 1) {
          assertTrue(
              partition.isr().allMatch(id -> image.broker(id) != null && !isFenced(image, id)),
              where);
        }
      }
    }
    assertEquals(image.partitionCount(), partitions, at);
  }

  private static boolean isFenced(LeadershipImage image, int id) {
    BrokerImage broker = image.broker(id);
    return broker == null || broker.fenced();
  }

  private static void checkStep(
      LeadershipImage before, LeadershipImage after, LeadershipCommand command, String at) {
    assertTrue(after.lastBrokerEpoch() >= before.lastBrokerEpoch(), at);
    for (TopicImage topic : after.topics()) {
      TopicImage old = before.topic(topic.id());
      for (int i = 0; old != null && i < old.partitionCount(); i++) {
        PartitionImage was = old.partitions().get(i);
        PartitionImage is = topic.partitions().get(i);
        String where = at + " was " + was + " is " + is;
        assertEquals(was.replicas(), is.replicas(), where);
        assertEquals(
            was.equals(is) ? 0 : 1, Math.min(1, is.partitionEpoch() - was.partitionEpoch()));
        assertTrue(is.partitionEpoch() >= was.partitionEpoch(), where);
        assertTrue(is.leaderEpoch() >= was.leaderEpoch(), where);
        if (is.leader() != was.leader()) {
          assertTrue(is.leaderEpoch() > was.leaderEpoch(), where);
        }
        checkNoEligibleReplicaIsInvented(was, is, command, where);
      }
    }
  }

  /**
   * Only the leader may say that a replica has caught up, and only an operator may lose records.
   */
  private static void checkNoEligibleReplicaIsInvented(
      PartitionImage was, PartitionImage is, LeadershipCommand command, String where) {
    boolean unclean =
        command instanceof ElectLeaders(ElectionKind kind, _) && kind == ElectionKind.UNCLEAN;
    if (command instanceof ChangeIsr || unclean) {
      return;
    }
    assertTrue(is.isr().allMatch(id -> was.isr().contains(id) || was.elr().contains(id)), where);
    assertTrue(is.elr().allMatch(id -> was.isr().contains(id) || was.elr().contains(id)), where);
  }

  private static LeadershipCommand randomCommand(Random random, LeadershipImage image, int step) {
    int id = random.nextInt(BROKERS);
    BrokerImage broker = image.broker(id);
    long epoch = broker == null ? 1 : broker.epoch() - (random.nextInt(10) == 0 ? 1 : 0);
    return switch (random.nextInt(16)) {
      case 0, 1 ->
          new RegisterBroker(
              id,
              new UUID(2, random.nextInt(8) == 0 ? 1 : step),
              new Address("host" + id, 9092),
              new Address("host" + id, 9093),
              random.nextBoolean() ? "rack" + id % 2 : null,
              random.nextBoolean() ? epoch : -1);
      case 2, 3, 4 -> new UnfenceBroker(id, epoch);
      case 5 -> new FenceBroker(id, epoch);
      case 6 -> new DrainBroker(id, epoch);
      case 7 -> random.nextInt(4) == 0 ? new UnregisterBroker(id) : new FenceBroker(id, epoch);
      case 8, 9 -> createTopics(random, step);
      case 10 ->
          random.nextInt(4) == 0
              ? new DeleteTopics(List.of(anyTopic(random, image)))
              : new ElectLeaders(ElectionKind.PREFERRED, List.of());
      case 11 -> new CreatePartitions(anyTopic(random, image), random.nextInt(6), List.of());
      case 12 -> new SetMinInsyncReplicas(anyTopic(random, image), random.nextInt(4));
      case 13 ->
          random.nextInt(10) == 0
              ? new ElectLeaders(ElectionKind.UNCLEAN, List.of())
              : changeIsr(random, image, id, epoch);
      default -> changeIsr(random, image, id, epoch);
    };
  }

  private static CreateTopics createTopics(Random random, int step) {
    UUID id = new UUID(3, step + 1);
    String name = "topic" + random.nextInt(12);
    if (random.nextInt(4) > 0) {
      int count = random.nextInt(5);
      return new CreateTopics(
          List.of(
              NewTopic.placed(name, id, count, 1 + random.nextInt(3))
                  .withMinInsyncReplicas(1 + random.nextInt(3))));
    }
    List<NodeIds> assignments = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      assignments.add(NodeIds.of(random.nextInt(BROKERS), random.nextInt(BROKERS + 1)));
    }
    return new CreateTopics(List.of(NewTopic.assigned(name, id, assignments)));
  }

  private static UUID anyTopic(Random random, LeadershipImage image) {
    List<TopicImage> topics = image.topics();
    return topics.isEmpty() || random.nextInt(20) == 0
        ? new UUID(9, 9)
        : topics.get(random.nextInt(topics.size())).id();
  }

  /** As the leader would ask, mostly; now and then with an old epoch or a stranger. */
  private static ChangeIsr changeIsr(Random random, LeadershipImage image, int id, long epoch) {
    List<IsrChange> changes = new ArrayList<>();
    for (TopicImage topic : image.topics()) {
      for (int i = 0; i < topic.partitionCount(); i++) {
        PartitionImage partition = topic.partitions().get(i);
        if (partition.leader() == id || random.nextInt(20) == 0) {
          List<IsrMember> isr = new ArrayList<>();
          for (int replica : partition.replicas().toList()) {
            BrokerImage member = image.broker(replica);
            if (member != null && (replica == id || random.nextBoolean())) {
              isr.add(new IsrMember(replica, member.epoch() - (random.nextInt(20) == 0 ? 1 : 0)));
            }
          }
          changes.add(
              new IsrChange(
                  topic.id(),
                  i,
                  partition.leaderEpoch() - (random.nextInt(20) == 0 ? 1 : 0),
                  partition.partitionEpoch() - (random.nextInt(20) == 0 ? 1 : 0),
                  isr));
        }
      }
    }
    return new ChangeIsr(id, epoch, changes);
  }
}
