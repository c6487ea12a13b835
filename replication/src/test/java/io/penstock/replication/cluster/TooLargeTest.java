package io.penstock.replication.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.PartitionRef;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.codec.LeadershipCommandCodec;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Commands against a log whose entries hold very little. */
class TooLargeTest {

  private static final int ENTRY_BYTES_MAX = 400;
  private static final int PARTITIONS = 50;
  private static final UUID TOPIC = new UUID(3, 3);

  private final InMemoryControlPlane plane = InMemoryControlPlane.withBrokers(1, 2);
  private final List<Integer> entries = new ArrayList<>();

  private CompletionStage<LeadershipResult> propose(LeadershipCommand command) {
    int length = LeadershipCommandCodec.encode(command).length;
    if (length > ENTRY_BYTES_MAX) {
      return CompletableFuture.failedFuture(new CommandTooLargeException(length + " bytes"));
    }
    entries.add(length);
    return CompletableFuture.completedFuture(plane.apply(command));
  }

  private LeadershipResult split(LeadershipCommand command) {
    entries.clear();
    return TooLarge.split(command, this::propose).toCompletableFuture().join();
  }

  private long epoch(int id) {
    BrokerImage broker = plane.image().leadership().broker(id);
    return broker == null ? -1 : broker.epoch();
  }

  private void createWideTopic() {
    plane.apply(
        new CreateTopics(
            List.of(
                NewTopic.assigned(
                    "wide", TOPIC, Collections.nCopies(PARTITIONS, NodeIds.of(1, 2))))));
  }

  private ChangeIsr changes(long brokerEpoch) {
    List<IsrChange> changes = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++) {
      changes.add(new IsrChange(TOPIC, i, 0, 0, List.of(new IsrMember(1, epoch(1)))));
    }
    return new ChangeIsr(1, brokerEpoch, changes);
  }

  @Test
  void topicsAreCreatedAndDeletedInSeveralEntriesWithOutcomesInTheOrderAsked() {
    List<NewTopic> topics = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      topics.add(NewTopic.placed("topic-" + i, new UUID(4, i + 1), 1, 1));
    }

    TopicsResult created = assertInstanceOf(TopicsResult.class, split(new CreateTopics(topics)));

    assertTrue(entries.size() > 1, entries.toString());
    assertEquals(
        topics.stream().map(NewTopic::name).toList(),
        created.topics().stream().map(LeadershipResult.TopicOutcome::name).toList());
    List<UUID> ids = topics.stream().map(NewTopic::id).toList();
    split(new DeleteTopics(ids));
    assertTrue(entries.size() > 1, entries.toString());
    assertEquals(0, plane.image().leadership().topicCount());
  }

  @Test
  void isrChangesAndElectionsOfManyPartitionsTakeSeveralEntries() {
    createWideTopic();

    PartitionsResult changed = assertInstanceOf(PartitionsResult.class, split(changes(epoch(1))));

    assertTrue(entries.size() > 1, entries.toString());
    assertEquals(PARTITIONS, changed.partitions().size());
    for (int i = 0; i < PARTITIONS; i++) {
      assertEquals(i, changed.partitions().get(i).partition());
      assertEquals(ControlError.NONE, changed.partitions().get(i).error());
    }
    List<PartitionRef> all =
        changed.partitions().stream().map(p -> new PartitionRef(TOPIC, p.partition())).toList();
    var elected =
        assertInstanceOf(
            PartitionsResult.class, split(new ElectLeaders(ElectionKind.PREFERRED, all)));
    assertTrue(entries.size() > 1, entries.toString());
    assertEquals(PARTITIONS, elected.partitions().size());
  }

  @Test
  void isrChangesOfABrokerThatIsNotTheOneItWasAreRefusedAsAWhole() {
    createWideTopic();

    Refused refused = assertInstanceOf(Refused.class, split(changes(epoch(1) - 1)));

    assertEquals(ControlError.STALE_BROKER_EPOCH, refused.error());
  }

  @Test
  void whatCannotBeDividedIsRefused() {
    createWideTopic();
    List<NodeIds> assignments = Collections.nCopies(500, NodeIds.of(1, 2));

    var grown = split(new CreatePartitions(TOPIC, PARTITIONS + 500, assignments));
    var created =
        split(new CreateTopics(List.of(NewTopic.assigned("wider", new UUID(4, 4), assignments))));

    assertEquals(ControlError.LIMIT_EXCEEDED, assertInstanceOf(Refused.class, grown).error());
    assertEquals(
        ControlError.LIMIT_EXCEEDED,
        assertInstanceOf(TopicsResult.class, created).topics().getFirst().error());
  }
}
