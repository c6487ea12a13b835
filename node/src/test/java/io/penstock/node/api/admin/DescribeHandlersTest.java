package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.api.KafkaIds;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.dir.LogDirectoryView;
import io.penstock.storage.log.LogId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What clients are told about brokers, partitions in pages, and data directories. */
class DescribeHandlersTest {

  private final Cluster cluster = Cluster.ofOne();
  private final DescribeClusterHandler brokers =
      new DescribeClusterHandler(cluster.control, cluster::leaders);
  private final DescribeTopicPartitionsHandler partitions =
      new DescribeTopicPartitionsHandler(cluster::leaders);

  @Test
  void listsBrokersInEveryVersionAndFencedOnesWhereAsked() {
    long epoch = cluster.control.addBroker(2, "elsewhere", 9);
    cluster.control.apply(new FenceBroker(2, epoch));
    for (int version = 0; version <= 2; version++) {
      DescribeClusterRequestData request =
          new DescribeClusterRequestData()
              .setIncludeClusterAuthorizedOperations(true)
              .setIncludeFencedBrokers(version >= 2);

      DescribeClusterResponseData response =
          Exchange.ask(brokers, version, request, DescribeClusterResponseData.class);

      assertEquals(KafkaIds.text(cluster.control.clusterId()), response.clusterId());
      assertEquals(1, response.controllerId());
      assertEquals(version >= 2 ? 2 : 1, response.brokers().size());
      assertEquals(AuthorizedOperations.CLUSTER, response.clusterAuthorizedOperations());
    }
  }

  @Test
  void tellsThatThisIsNoEndpointOfControllers() {
    assertEquals(Errors.MISMATCHED_ENDPOINT_TYPE, endpoint((byte) 2));
    assertEquals(Errors.UNSUPPORTED_ENDPOINT_TYPE, endpoint((byte) 7));
  }

  @Test
  void tellsWhichBrokerIsFenced() {
    Cluster three = Cluster.ofThree("");
    three.fence(2);

    DescribeClusterResponseData response =
        Exchange.ask(
            new DescribeClusterHandler(three.control, three::leaders),
            2,
            new DescribeClusterRequestData().setIncludeFencedBrokers(true),
            DescribeClusterResponseData.class);

    assertEquals(List.of("1 false", "2 true", "3 false"), brokersOf(response));
  }

  @Test
  void tellsWhoMayLeadThoughOutOfSync() {
    Cluster three = Cluster.ofThree("");
    three.control.apply(
        new CreateTopics(
            List.of(
                NewTopic.assigned("a", new UUID(1, 2), List.of(NodeIds.of(1, 2, 3)))
                    .withMinInsyncReplicas(2))));
    three.fence(3);
    three.fence(2);

    DescribeTopicPartitionsResponsePartition partition =
        Exchange.ask(
                new DescribeTopicPartitionsHandler(three::leaders),
                0,
                named("a"),
                DescribeTopicPartitionsResponseData.class)
            .topics()
            .find("a")
            .partitions()
            .getFirst();

    assertEquals(List.of(1), partition.isrNodes());
    assertEquals(List.of(2), partition.eligibleLeaderReplicas());
    assertEquals(List.of(2, 3), partition.offlineReplicas());
  }

  @Test
  void namesNobodyWhoIsNotKnownToLeadAsALeader() {
    Cluster three = Cluster.ofThree("");
    three.topic("a", NodeIds.of(1, 2), NodeIds.of(2, 1));

    List<DescribeTopicPartitionsResponsePartition> listed =
        Exchange.ask(
                new DescribeTopicPartitionsHandler(three.leadersWhileCutOff(() -> true)),
                0,
                named("a"),
                DescribeTopicPartitionsResponseData.class)
            .topics()
            .find("a")
            .partitions();

    assertEquals(-1, listed.get(0).leaderId());
    assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), listed.get(0).errorCode());
    assertEquals(2, listed.get(1).leaderId());
    assertEquals(Errors.NONE.code(), listed.get(1).errorCode());
  }

  @Test
  void onePageIsOfOneMomentThoughTheNodeComesBackMeanwhile() {
    Cluster three = Cluster.ofThree("");
    three.topic("a", NodeIds.of(1, 2));
    three.topic("b", NodeIds.of(1, 2));
    AtomicInteger asked = new AtomicInteger();

    DescribeTopicPartitionsResponseData page =
        Exchange.ask(
            new DescribeTopicPartitionsHandler(
                three.leadersWhileCutOff(() -> asked.getAndIncrement() == 0)),
            0,
            named("a", "b"),
            DescribeTopicPartitionsResponseData.class);

    assertEquals(-1, page.topics().find("a").partitions().get(0).leaderId());
    assertEquals(-1, page.topics().find("b").partitions().get(0).leaderId());
  }

  @Test
  void aNodeThatIsCutOffTellsOfItselfAsIfItWereFenced() {
    Cluster three = Cluster.ofThree("");
    three.control.setLeader(GroupName.LEADERSHIP, 1);

    DescribeClusterResponseData all = askWhileCutOff(three, true);
    DescribeClusterResponseData some = askWhileCutOff(three, false);

    assertEquals(List.of("1 true", "2 false", "3 false"), brokersOf(all));
    assertEquals(List.of("2 false", "3 false"), brokersOf(some));
    assertEquals(2, all.controllerId());
    assertEquals(2, some.controllerId());
  }

  @Test
  void aNodeThatIsCutOffAndKnowsOfNobodyElseTellsOfItself() {
    Cluster three = Cluster.ofThree("");
    three.fence(2);
    three.fence(3);

    DescribeClusterResponseData response = askWhileCutOff(three, false);

    assertEquals(List.of("1 false"), brokersOf(response));
    assertEquals(1, response.controllerId());
  }

  private static DescribeClusterResponseData askWhileCutOff(Cluster cluster, boolean fencedToo) {
    return Exchange.ask(
        new DescribeClusterHandler(cluster.control, cluster.leadersWhileCutOff(() -> true)),
        2,
        new DescribeClusterRequestData().setIncludeFencedBrokers(fencedToo),
        DescribeClusterResponseData.class);
  }

  private static List<String> brokersOf(DescribeClusterResponseData response) {
    return response.brokers().stream()
        .map(b -> b.brokerId() + " " + b.isFenced())
        .sorted()
        .toList();
  }

  @Test
  void listsAllPartitionsPageByPage() {
    cluster.topic("a", 3);
    cluster.topic("b", 1);
    cluster.topic("c", 4);

    DescribeTopicPartitionsRequestData request =
        new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(3);
    List<String> seen = new ArrayList<>();
    int pages = 0;
    while (true) {
      DescribeTopicPartitionsResponseData page = ask(request);
      pages++;
      for (DescribeTopicPartitionsResponseTopic topic : page.topics()) {
        topic.partitions().forEach(p -> seen.add(topic.name() + p.partitionIndex()));
      }
      if (page.nextCursor() == null) {
        break;
      }
      request.setCursor(
          new Cursor()
              .setTopicName(page.nextCursor().topicName())
              .setPartitionIndex(page.nextCursor().partitionIndex()));
    }

    assertEquals(List.of("a0", "a1", "a2", "b0", "c0", "c1", "c2", "c3"), seen);
    assertEquals(3, pages);
  }

  @Test
  void describesNamedTopicsAndThoseThatDoNotExist() {
    cluster.topic("a", 2);

    DescribeTopicPartitionsResponseData response = ask(named("no good", "b", "a"));

    assertEquals(2, response.topics().find("a").partitions().size());
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), response.topics().find("b").errorCode());
    assertEquals(
        Errors.INVALID_TOPIC_EXCEPTION.code(), response.topics().find("no good").errorCode());
    assertNull(response.nextCursor());
  }

  @Test
  void refusesACursorThatPointsNowhere() {
    cluster.topic("a", 2);

    for (Cursor cursor : List.of(cursor("z", 0), cursor("a", -1))) {
      DescribeTopicPartitionsResponseData response = ask(named("a").setCursor(cursor));
      assertEquals(Errors.INVALID_REQUEST.code(), response.topics().find("a").errorCode());
    }
    assertNotNull(ask(named("a").setCursor(cursor("a", 7))).topics().find("a"));
  }

  @Test
  void showsWhatEachPartitionTakesInEveryVersion() {
    UUID id = new UUID(1, 2);
    LogDirectoryView good =
        new LogDirectoryView(
            Path.of("/good"),
            1_000,
            400,
            Map.of(new LogId("a", id, 0), 10L, new LogId("b", id, 1), 20L),
            Optional.empty());
    LogDirectoryView bad =
        new LogDirectoryView(Path.of("/bad"), -1, -1, Map.of(), Optional.of("I/O error"));
    DescribeLogDirsHandler handler =
        new DescribeLogDirsHandler(() -> List.of(good, bad), Runnable::run);
    for (int version = 1; version <= 5; version++) {
      List<DescribeLogDirsResult> all =
          Exchange.ask(
                  handler,
                  version,
                  new DescribeLogDirsRequestData().setTopics(null),
                  DescribeLogDirsResponseData.class)
              .results();

      assertEquals(2, all.getFirst().topics().size());
      assertEquals(10, all.getFirst().topics().getFirst().partitions().getFirst().partitionSize());
      assertEquals(version >= 4 ? 400 : -1, all.getFirst().usableBytes());
      assertEquals(Errors.KAFKA_STORAGE_ERROR.code(), all.getLast().errorCode());
    }
    DescribeLogDirsRequestData one = new DescribeLogDirsRequestData();
    one.topics().add(new DescribableLogDirTopic().setTopic("b").setPartitions(List.of(0, 1)));

    DescribeLogDirsResult result =
        Exchange.ask(handler, 5, one, DescribeLogDirsResponseData.class).results().getFirst();

    assertEquals(1, result.topics().size());
    assertEquals("b", result.topics().getFirst().name());
  }

  private Errors endpoint(byte type) {
    DescribeClusterRequestData request = new DescribeClusterRequestData().setEndpointType(type);
    return Errors.forCode(
        Exchange.ask(brokers, 1, request, DescribeClusterResponseData.class).errorCode());
  }

  private DescribeTopicPartitionsResponseData ask(DescribeTopicPartitionsRequestData request) {
    return Exchange.ask(partitions, 0, request, DescribeTopicPartitionsResponseData.class);
  }

  private static DescribeTopicPartitionsRequestData named(String... names) {
    DescribeTopicPartitionsRequestData request = new DescribeTopicPartitionsRequestData();
    for (String name : names) {
      request.topics().add(new TopicRequest().setName(name));
    }
    return request;
  }

  private static Cursor cursor(String topic, int partition) {
    return new Cursor().setTopicName(topic).setPartitionIndex(partition);
  }
}
