package io.penstock.node.api.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.admin.Exchange;
import io.penstock.node.api.admin.FakeLoop;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.cluster.GroupStatus;
import io.penstock.replication.cluster.GroupStatus.Member;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.value.Address;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData.TopicData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Node;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What tools are told about those who decide. */
class DescribeQuorumHandlerTest {

  private static final String TOPIC = "__cluster_metadata";

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1, 2, 3);
  private final DescribeQuorumHandler handler = new DescribeQuorumHandler(control);

  @Test
  void tellsOfTheFirstGroupAsKafkaTellsOfItsQuorum() {
    control.setStatus(
        new GroupStatus(
            GroupName.LEADERSHIP,
            2,
            7,
            40,
            List.of(
                new Member(2, new UUID(0, 2), new Address("two", 22), 41, 1_000, 1_000),
                new Member(3, new UUID(0, 3), null, 38, 990, 980)),
            List.of(new Member(4, new UUID(0, 4), new Address("four", 44), -1, -1, -1))));
    for (int version = 0; version <= 2; version++) {
      DescribeQuorumResponseData response = ask(version, 0);

      PartitionData partition = only(response);
      assertEquals(Errors.NONE.code(), partition.errorCode());
      assertEquals(2, partition.leaderId());
      assertEquals(7, partition.leaderEpoch());
      assertEquals(41, partition.highWatermark());
      ReplicaState voter = partition.currentVoters().get(1);
      assertEquals(3, voter.replicaId());
      assertEquals(39, voter.logEndOffset());
      assertEquals(version >= 1 ? 990 : -1, voter.lastFetchTimestamp());
      assertEquals(version >= 1 ? 980 : -1, voter.lastCaughtUpTimestamp());
      ReplicaState observer = partition.observers().get(0);
      assertEquals(4, observer.replicaId());
      assertEquals(-1, observer.logEndOffset());
      if (version >= 2) {
        assertEquals(KafkaIds.toKafka(new UUID(0, 3)), voter.replicaDirectoryId());
        assertEquals("two:22", address(response, 2));
        assertEquals("127.0.0.1:9096", address(response, 3));
        assertEquals("four:44", address(response, 4));
      }
    }
  }

  @Test
  void tellsOfTheOtherGroupAsTheSecondPartition() {
    control.setStatus(new GroupStatus(GroupName.METADATA, 3, 9, 4, List.of(), List.of()));

    PartitionData partition = only(ask(2, 1));

    assertEquals(1, partition.partitionIndex());
    assertEquals(3, partition.leaderId());
  }

  @Test
  void tellsThatAGroupHasNoLeaderAndWhatIsKnownOfTheOther() {
    control.setLeader(GroupName.LEADERSHIP, -1);

    DescribeQuorumResponseData response = ask(2, 0, 1);

    PartitionData leadership = response.topics().get(0).partitions().get(0);
    assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), leadership.errorCode());
    assertEquals(-1, leadership.leaderId());
    assertEquals(Errors.NONE.code(), response.topics().get(0).partitions().get(1).errorCode());
  }

  @Test
  void knowsNoOtherPartitionAndNoOtherTopic() {
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), only(ask(2, 2)).errorCode());
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), only(ask(2, -1)).errorCode());
    DescribeQuorumRequestData other = request("topic", 0);

    PartitionData partition =
        only(Exchange.ask(handler, 2, other, DescribeQuorumResponseData.class));

    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), partition.errorCode());
  }

  @Test
  void closesTheConnectionOfWhoAsksForMoreThanThereCanBe() {
    DescribeQuorumRequestData request = request(TOPIC, IntStream.range(0, 1_001).toArray());

    Exchange exchange = Exchange.start(handler, 2, request, new FakeLoop());

    assertNotNull(exchange.closedBecause());
    assertNull(Exchange.start(handler, 2, request(TOPIC, 0), new FakeLoop()).closedBecause());
  }

  private DescribeQuorumResponseData ask(int version, int... partitions) {
    return Exchange.ask(
        handler, version, request(TOPIC, partitions), DescribeQuorumResponseData.class);
  }

  private static DescribeQuorumRequestData request(String name, int... partitions) {
    TopicData topic = new TopicData().setTopicName(name);
    for (int partition : partitions) {
      topic
          .partitions()
          .add(new DescribeQuorumRequestData.PartitionData().setPartitionIndex(partition));
    }
    return new DescribeQuorumRequestData().setTopics(List.of(topic));
  }

  private static PartitionData only(DescribeQuorumResponseData response) {
    assertEquals(1, response.topics().size());
    assertEquals(1, response.topics().get(0).partitions().size());
    return response.topics().get(0).partitions().get(0);
  }

  private static String address(DescribeQuorumResponseData response, int id) {
    Node node = response.nodes().find(id);
    return node.listeners().find("PEER").host() + ":" + node.listeners().find("PEER").port();
  }
}
