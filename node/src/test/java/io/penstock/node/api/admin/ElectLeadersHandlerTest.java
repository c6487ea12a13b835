package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.cluster.InMemoryControlPlane.Fate;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What operators are told about the elections they ask for. */
class ElectLeadersHandlerTest {

  private static final byte PREFERRED = 0;
  private static final byte UNCLEAN = 1;
  private static final UUID ID = new UUID(1, 2);

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1, 2, 3);
  private final ElectLeadersHandler handler = new ElectLeadersHandler(control);

  ElectLeadersHandlerTest() {
    control.apply(
        new CreateTopics(
            List.of(
                NewTopic.assigned("a", ID, List.of(NodeIds.of(2, 1), NodeIds.of(1, 2))),
                NewTopic.assigned("b", new UUID(1, 3), List.of(NodeIds.of(3))))));
  }

  @Test
  void tellsWhichNeedsNoElectionInEveryVersion() {
    for (int version = 0; version <= 2; version++) {
      assertEquals(List.of("a-0 ELECTION_NOT_NEEDED"), ask(version, PREFERRED, partitions("a", 0)));
    }
  }

  @Test
  void givesLeadershipBackToThePreferredLeaderOnceItIsInSync() {
    fence(2);
    assertEquals(
        List.of("a-0 PREFERRED_LEADER_NOT_AVAILABLE", "a-1 ELECTION_NOT_NEEDED"),
        ask(2, PREFERRED, partitions("a", 0, 1)));
    unfence(2);
    addToIsr();

    assertEquals(List.of("a-0 NONE"), ask(2, PREFERRED, partitions("a", 0)));

    assertEquals(2, partition("a", 0).leader());
  }

  @Test
  void electsWhereverItIsNeededIfNothingIsNamed() {
    fence(2);
    unfence(2);
    addToIsr();

    assertEquals(List.of("a-0 NONE"), ask(2, PREFERRED, (TopicPartitions[]) null));
    assertEquals(List.of(), ask(2, PREFERRED, (TopicPartitions[]) null));
  }

  @Test
  void electsNothingForAnEmptyList() {
    fence(2);
    unfence(2);
    addToIsr();

    assertEquals(List.of(), ask(2, PREFERRED));

    assertEquals(1, partition("a", 0).leader());
  }

  @Test
  void electsUncleanlyOnlyWhereThereIsNoLeader() {
    fence(3);
    assertEquals(
        List.of("a-0 ELECTION_NOT_NEEDED", "b-0 ELIGIBLE_LEADERS_NOT_AVAILABLE"),
        ask(2, UNCLEAN, partitions("a", 0), partitions("b", 0)));
  }

  @Test
  void knowsNoOtherPartitions() {
    assertEquals(
        List.of("a-2 UNKNOWN_TOPIC_OR_PARTITION", "z-0 UNKNOWN_TOPIC_OR_PARTITION"),
        ask(2, PREFERRED, partitions("a", 2), partitions("z", 0)));
  }

  @Test
  void knowsNoOtherKindOfElection() {
    ElectLeadersResponseData response = exchange(2, (byte) 9, partitions("a", 0));

    assertEquals(Errors.INVALID_REQUEST.code(), response.errorCode());
  }

  @Test
  void tellsThatNobodyAnsweredAsTheVersionCanSayIt() {
    control.next(Fate.LOST, Fate.LOST, Fate.LOST);
    assertEquals(List.of("a-0 REQUEST_TIMED_OUT"), ask(0, PREFERRED, partitions("a", 0)));
    assertEquals(
        Errors.REQUEST_TIMED_OUT.code(),
        exchange(1, PREFERRED, (TopicPartitions[]) null).errorCode());

    Exchange oldest =
        Exchange.start(handler, 0, request(PREFERRED, (TopicPartitions[]) null), new FakeLoop());

    assertNotNull(oldest.closedBecause());
  }

  private List<String> ask(int version, byte type, TopicPartitions @Nullable ... partitions) {
    ElectLeadersResponseData response = exchange(version, type, partitions);
    assertEquals(Errors.NONE.code(), response.errorCode());
    List<String> results = new ArrayList<>();
    for (ReplicaElectionResult topic : response.replicaElectionResults()) {
      for (PartitionResult result : topic.partitionResult()) {
        results.add(
            topic.topic() + "-" + result.partitionId() + " " + Errors.forCode(result.errorCode()));
      }
    }
    return results;
  }

  private ElectLeadersResponseData exchange(
      int version, byte type, TopicPartitions @Nullable ... partitions) {
    return Exchange.ask(
        handler, version, request(type, partitions), ElectLeadersResponseData.class);
  }

  private static ElectLeadersRequestData request(
      byte type, TopicPartitions @Nullable ... partitions) {
    ElectLeadersRequestData request =
        new ElectLeadersRequestData().setElectionType(type).setTimeoutMs(1_000);
    if (partitions == null) {
      return request.setTopicPartitions(null);
    }
    List.of(partitions).forEach(request.topicPartitions()::add);
    return request;
  }

  private static TopicPartitions partitions(String topic, Integer... partitions) {
    return new TopicPartitions().setTopic(topic).setPartitions(List.of(partitions));
  }

  private PartitionImage partition(String topic, int index) {
    TopicImage found = control.image().leadership().topic(topic);
    if (found == null) {
      throw new AssertionError("no topic " + topic);
    }
    return found.partitions().get(index);
  }

  private void fence(int id) {
    control.apply(new FenceBroker(id, broker(id).epoch()));
  }

  private void unfence(int id) {
    control.apply(new UnfenceBroker(id, broker(id).epoch()));
  }

  private BrokerImage broker(int id) {
    BrokerImage broker = control.image().leadership().broker(id);
    if (broker == null) {
      throw new AssertionError("no broker " + id);
    }
    return broker;
  }

  /** Broker 2 has caught up with broker 1, which leads partition 0 of a. */
  private void addToIsr() {
    PartitionImage partition = partition("a", 0);
    control.apply(
        new ChangeIsr(
            1,
            broker(1).epoch(),
            List.of(
                new IsrChange(
                    ID,
                    0,
                    partition.leaderEpoch(),
                    partition.partitionEpoch(),
                    List.of(
                        new IsrMember(1, broker(1).epoch()),
                        new IsrMember(2, broker(2).epoch()))))));
  }
}
