package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.KafkaIds;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What clients are told about where partitions are. */
class MetadataHandlerTest {

  private final Cluster cluster = Cluster.ofOne();
  private final MetadataHandler handler =
      new MetadataHandler(
          cluster.control, cluster.creation, cluster.config.topics(), cluster::leaders);

  @Test
  void tellsInEveryVersionWhereThePartitionsAre() {
    TopicImage known = cluster.topic("a", 2);
    for (int version = handler.lowestVersion(); version <= handler.highestVersion(); version++) {
      MetadataResponseData response = ask(version, named("a"));

      assertEquals(1, response.brokers().size());
      assertEquals("127.0.0.1", response.brokers().find(1).host());
      MetadataResponseTopic topic = response.topics().find("a");
      assertEquals(Errors.NONE.code(), topic.errorCode());
      assertEquals(2, topic.partitions().size());
      MetadataResponsePartition partition = topic.partitions().get(1);
      assertEquals(1, partition.leaderId());
      assertEquals(List.of(1), partition.replicaNodes());
      assertEquals(List.of(1), partition.isrNodes());
      assertEquals(version >= 7 ? 0 : -1, partition.leaderEpoch());
      assertEquals(version >= 10 ? KafkaIds.toKafka(known.id()) : Uuid.ZERO_UUID, topic.topicId());
      assertEquals(version >= 1 ? 1 : -1, response.controllerId());
      assertEquals(Integer.MIN_VALUE, response.clusterAuthorizedOperations());
      assertEquals(Integer.MIN_VALUE, topic.topicAuthorizedOperations());
      if (version >= 2) {
        assertEquals(KafkaIds.text(cluster.control.clusterId()), response.clusterId());
      }
    }
  }

  @Test
  void listsAllTopicsOrNoneAsTheVersionSaysIt() {
    cluster.topic("a", 1);
    cluster.topic("b", 1);

    MetadataRequestData empty = new MetadataRequestData();
    assertEquals(2, ask(0, empty).topics().size());
    assertEquals(0, ask(1, empty).topics().size());
    assertEquals(2, ask(13, new MetadataRequestData().setTopics(null)).topics().size());
  }

  @Test
  void findsTopicsById() {
    Uuid id = KafkaIds.toKafka(cluster.topic("a", 1).id());
    Uuid other = new Uuid(5, 5);

    MetadataResponseData response = ask(12, byId(id, other));

    assertEquals("a", response.topics().find("a").name());
    MetadataResponseTopic unknown =
        response.topics().stream().filter(t -> t.topicId().equals(other)).findFirst().orElseThrow();
    assertEquals(Errors.UNKNOWN_TOPIC_ID.code(), unknown.errorCode());
    assertNull(unknown.name());
  }

  @Test
  void refusesIdsInVersionsThatAnswerByNameOnly() {
    MetadataRequestTopic topic = new MetadataRequestTopic().setName("a").setTopicId(new Uuid(1, 2));

    MetadataResponseData response = ask(10, new MetadataRequestData().setTopics(List.of(topic)));

    assertEquals(Errors.INVALID_REQUEST.code(), response.topics().find("a").errorCode());
  }

  @Test
  void createsATopicThatIsMissingAndAnswersWithIt() {
    MetadataResponseData response = ask(13, named("new"));

    assertEquals(Errors.NONE.code(), response.topics().find("new").errorCode());
    assertEquals(1, response.topics().find("new").partitions().size());
    assertTrue(cluster.has("new"));
  }

  @Test
  void waitsUntilTheNewTopicIsServedButNotForever() {
    cluster.served.hold();
    FakeLoop loop = new FakeLoop();
    Exchange exchange = Exchange.start(handler, 13, named("new"), loop);
    assertFalse(exchange.isAnswered());

    loop.advance(5_000);

    MetadataResponseData response = exchange.response(MetadataResponseData.class);
    assertEquals(Errors.NONE.code(), response.topics().find("new").errorCode());
  }

  @Test
  void createsNothingThatClientOrNodeDoNotAllow() {
    MetadataResponseData denied = ask(13, named("new").setAllowAutoTopicCreation(false));
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), denied.topics().find("new").errorCode());

    Cluster strict = Cluster.with("topics: {auto-create: false}");
    MetadataHandler other =
        new MetadataHandler(
            strict.control, strict.creation, strict.config.topics(), strict::leaders);
    MetadataResponseData response =
        Exchange.ask(other, 13, named("new"), MetadataResponseData.class);
    assertEquals(
        Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), response.topics().find("new").errorCode());
    assertFalse(strict.has("new"));
  }

  @Test
  void createsNeitherIllegalNorInternalTopics() {
    MetadataResponseData response = ask(13, named("no good", "__consumer_offsets"));

    assertEquals(
        Errors.INVALID_TOPIC_EXCEPTION.code(), response.topics().find("no good").errorCode());
    MetadataResponseTopic internal = response.topics().find("__consumer_offsets");
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), internal.errorCode());
    assertTrue(internal.isInternal());
    assertEquals(0, cluster.control.image().leadership().topicCount());
  }

  @Test
  void createsOnlySoManyTopicsForOneRequest() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      names.add("t" + i);
    }

    ask(13, named(names.toArray(String[]::new)));

    assertEquals(100, cluster.control.image().leadership().topicCount());
  }

  @Test
  void listsOperationsWhereAsked() {
    cluster.topic("a", 1);
    MetadataRequestData request =
        named("a")
            .setIncludeClusterAuthorizedOperations(true)
            .setIncludeTopicAuthorizedOperations(true);

    MetadataResponseData response = ask(10, request);

    assertEquals(AuthorizedOperations.CLUSTER, response.clusterAuthorizedOperations());
    assertEquals(
        AuthorizedOperations.TOPIC, response.topics().find("a").topicAuthorizedOperations());
  }

  @Test
  void tellsOfSeveralBrokersWhoLeadsWhoIsInSyncAndWhoIsOffline() {
    Cluster three = Cluster.ofThree("");
    three.topic("a", NodeIds.of(2, 1, 3));
    three.topic("b", NodeIds.of(3));
    three.fence(3);
    for (int version = 0; version <= 13; version++) {
      MetadataResponseData response = ask(three, version, named("a", "b"));

      assertEquals(List.of(1, 2), response.brokers().stream().map(b -> b.nodeId()).toList());
      MetadataResponsePartition first = response.topics().find("a").partitions().get(0);
      assertEquals(Errors.NONE.code(), first.errorCode());
      assertEquals(2, first.leaderId());
      assertEquals(List.of(2, 1, 3), first.replicaNodes());
      assertEquals(List.of(2, 1), first.isrNodes());
      MetadataResponsePartition second = response.topics().find("b").partitions().get(0);
      assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), second.errorCode());
      assertEquals(-1, second.leaderId());
      if (version >= 5) {
        assertEquals(List.of(3), first.offlineReplicas());
        assertEquals(List.of(3), second.offlineReplicas());
      }
    }
  }

  @Test
  void namesTheLeaderOfTheClusterOrElseABrokerThatLives() {
    Cluster three = Cluster.ofThree("");
    three.control.setLeader(GroupName.LEADERSHIP, 3);
    assertEquals(3, ask(three, 13, named("a")).controllerId());

    three.fence(3);
    assertEquals(1, ask(three, 13, named("a")).controllerId());

    three.control.setLeader(GroupName.LEADERSHIP, -1);
    three.fence(1);
    assertEquals(2, ask(three, 13, named("a")).controllerId());

    three.fence(2);
    assertEquals(-1, ask(three, 13, named("a")).controllerId());
  }

  @Test
  void createsMissingTopicsWithAsManyReplicasAsAreSetAndTellsWhereThereAreTooFewBrokers() {
    Cluster enough = Cluster.ofThree("topics: {replication-factor: 3}");
    MetadataResponseTopic created = ask(enough, 13, named("new")).topics().find("new");
    assertEquals(3, created.partitions().get(0).replicaNodes().size());
    Cluster small = Cluster.ofThree("topics: {replication-factor: 4}");

    MetadataResponseTopic refused = ask(small, 13, named("new")).topics().find("new");

    assertEquals(Errors.INVALID_REPLICATION_FACTOR.code(), refused.errorCode());
  }

  @Test
  void namesNobodyWhoIsNotKnownToLeadAsALeader() {
    Cluster three = Cluster.ofThree("");
    three.topic("a", NodeIds.of(1, 2), NodeIds.of(2, 1));
    AtomicBoolean isCutOff = new AtomicBoolean(true);
    MetadataHandler cut = cutOff(three, isCutOff::get);
    for (int version = cut.lowestVersion(); version <= cut.highestVersion(); version++) {
      MetadataResponseData response =
          Exchange.ask(cut, version, named("a"), MetadataResponseData.class);

      assertEquals(List.of(2, 3), idsOf(response));
      assertEquals(version >= 1 ? 2 : -1, response.controllerId());
      MetadataResponsePartition own = response.topics().find("a").partitions().get(0);
      assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), own.errorCode());
      assertEquals(-1, own.leaderId());
      assertEquals(version >= 7 ? 0 : -1, own.leaderEpoch());
      assertEquals(List.of(1, 2), own.replicaNodes());
      assertEquals(List.of(1, 2), own.isrNodes());
      assertEquals(version >= 5 ? List.of(1) : List.of(), own.offlineReplicas());
      MetadataResponsePartition other = response.topics().find("a").partitions().get(1);
      assertEquals(Errors.NONE.code(), other.errorCode());
      assertEquals(2, other.leaderId());
    }
    isCutOff.set(false);

    MetadataResponseData response = Exchange.ask(cut, 13, named("a"), MetadataResponseData.class);

    assertEquals(List.of(1, 2, 3), idsOf(response));
    assertEquals(1, response.controllerId());
    assertEquals(1, response.topics().find("a").partitions().get(0).leaderId());
  }

  @Test
  void namesWhoIsNotKnownToLeadWhereThereIsNobodyElse() {
    Cluster three = Cluster.ofThree("");
    three.fence(2);
    three.fence(3);
    MetadataHandler cut = cutOff(three, () -> true);

    assertEquals(List.of(1), idsOf(Exchange.ask(cut, 13, named("a"), MetadataResponseData.class)));
  }

  @Test
  void oneAnswerIsOfOneMomentThoughTheNodeComesBackMeanwhile() {
    Cluster three = Cluster.ofThree("");
    three.topic("a", NodeIds.of(1, 2));
    three.topic("b", NodeIds.of(1, 2));
    AtomicInteger asked = new AtomicInteger();
    MetadataHandler cut = cutOff(three, () -> asked.getAndIncrement() == 0);

    MetadataResponseData response =
        Exchange.ask(cut, 13, named("a", "b"), MetadataResponseData.class);

    assertEquals(List.of(2, 3), idsOf(response));
    assertEquals(-1, response.topics().find("a").partitions().get(0).leaderId());
    assertEquals(-1, response.topics().find("b").partitions().get(0).leaderId());
  }

  private static MetadataHandler cutOff(Cluster cluster, BooleanSupplier isCutOff) {
    return new MetadataHandler(
        cluster.control,
        cluster.creation,
        cluster.config.topics(),
        cluster.leadersWhileCutOff(isCutOff));
  }

  private static List<Integer> idsOf(MetadataResponseData response) {
    return response.brokers().stream().map(broker -> broker.nodeId()).sorted().toList();
  }

  private static MetadataResponseData ask(
      Cluster cluster, int version, MetadataRequestData request) {
    MetadataHandler handler =
        new MetadataHandler(
            cluster.control, cluster.creation, cluster.config.topics(), cluster::leaders);
    return Exchange.ask(handler, version, request, MetadataResponseData.class);
  }

  private MetadataResponseData ask(int version, MetadataRequestData request) {
    return Exchange.ask(handler, version, request, MetadataResponseData.class);
  }

  private static MetadataRequestData named(String... names) {
    List<MetadataRequestTopic> topics = new ArrayList<>();
    for (String name : names) {
      topics.add(new MetadataRequestTopic().setName(name));
    }
    return new MetadataRequestData().setTopics(topics);
  }

  private static MetadataRequestData byId(Uuid... ids) {
    List<MetadataRequestTopic> topics = new ArrayList<>();
    for (Uuid id : ids) {
      topics.add(new MetadataRequestTopic().setName(null).setTopicId(id));
    }
    return new MetadataRequestData().setTopics(topics);
  }
}
