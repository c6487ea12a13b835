package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.KafkaIds;
import io.penstock.replication.cluster.InMemoryControlPlane.Fate;
import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What clients are told about topics they create. */
class CreateTopicsHandlerTest {

  private final Cluster cluster =
      Cluster.with(
          """
          limits: {partitions: 20}
          topics: {partitions: 3, defaults: {retention.ms: 1d}}
          """);
  private final CreateTopicsHandler handler = new CreateTopicsHandler(cluster.creation);

  @Test
  void answersInEveryVersionWithWhatWasCreated() {
    for (int version = handler.lowestVersion(); version <= handler.highestVersion(); version++) {
      CreatableTopicResult result = only(ask(version, topic("t" + version, 2, 1)));

      assertEquals(Errors.NONE.code(), result.errorCode(), "version " + version);
      assertEquals(2, cluster.known("t" + version).partitionCount());
      if (version >= 5) {
        assertEquals(2, result.numPartitions());
        assertEquals(1, result.replicationFactor());
        assertEquals("86400000", value(result, "retention.ms").value());
      }
      Uuid id = KafkaIds.toKafka(cluster.known("t" + version).id());
      assertEquals(version >= 7 ? id : Uuid.ZERO_UUID, result.topicId());
    }
  }

  @Test
  void takesTheNodesDefaultsWhereTheRequestLeavesThemOpen() {
    CreatableTopicResult result = only(ask(7, topic("a", -1, -1)));

    assertEquals(3, result.numPartitions());
    assertEquals(1, result.replicationFactor());
    assertEquals(3, cluster.known("a").partitionCount());
  }

  @Test
  void keepsTheConfigurationUnderTheTopicsId() {
    CreatableTopicResult result =
        only(ask(7, topic("a", 1, 1, Map.of("retention.ms", "5000", "min.insync.replicas", "2"))));

    assertEquals(1, value(result, "retention.ms").configSource());
    assertEquals(5, value(result, "segment.bytes").configSource());
    assertEquals(
        Map.of("retention.ms", "5000", "min.insync.replicas", "2"),
        cluster.control.image().metadata().topicConfigs(cluster.known("a").id()));
    assertEquals(2, cluster.known("a").minInsyncReplicas());
  }

  @Test
  void forgetsTheConfigurationOfATopicThatIsRefused() {
    cluster.topic("a", 1);

    CreatableTopicResult result = only(ask(7, topic("a", 1, 1, Map.of("retention.ms", "5000"))));

    assertEquals(Errors.TOPIC_ALREADY_EXISTS.code(), result.errorCode());
    assertEquals(0, cluster.control.image().metadata().allConfigs().size());
  }

  @Test
  void keepsTheConfigurationOfATopicWhoseCreationNobodyAnswered() {
    cluster.control.next(Fate.ANSWERED, Fate.UNANSWERED);

    CreatableTopicResult result = only(ask(7, topic("a", 1, 1, Map.of("retention.ms", "5000"))));

    assertEquals(Errors.REQUEST_TIMED_OUT.code(), result.errorCode());
    assertEquals(
        Map.of("retention.ms", "5000"),
        cluster.control.image().metadata().topicConfigs(cluster.known("a").id()));
  }

  @Test
  void tellsTheTruthAboutARefusedTopicWhereItsConfigurationCannotBeForgotten() {
    cluster.topic("a", 1);
    cluster.control.next(Fate.ANSWERED, Fate.ANSWERED, Fate.LOST);

    CreatableTopicResult result = only(ask(7, topic("a", 1, 1, Map.of("retention.ms", "5000"))));

    assertEquals(Errors.TOPIC_ALREADY_EXISTS.code(), result.errorCode());
  }

  @Test
  void refusesEachTopicForItself() {
    CreateTopicsResponseData response =
        ask(
            7,
            topic("good", 1, 1),
            topic("bad name", 1, 1),
            topic("none", 0, 1),
            topic("many", 1, 3),
            topic("zero", 1, 0),
            topic("odd", 1, 1, Map.of("no.such.setting", "1")),
            topic("purge", 1, 1, Map.of("cleanup.policy", "purge")),
            topic("__consumer_offsets", 1, 1),
            topic("huge", 21, 1));

    assertEquals(Errors.NONE.code(), code(response, "good"));
    assertEquals(Errors.INVALID_TOPIC_EXCEPTION.code(), code(response, "bad name"));
    assertEquals(Errors.INVALID_PARTITIONS.code(), code(response, "none"));
    assertEquals(Errors.INVALID_REPLICATION_FACTOR.code(), code(response, "many"));
    assertEquals(Errors.INVALID_REPLICATION_FACTOR.code(), code(response, "zero"));
    assertEquals(Errors.INVALID_CONFIG.code(), code(response, "odd"));
    assertEquals(Errors.INVALID_CONFIG.code(), code(response, "purge"));
    assertEquals(Errors.INVALID_TOPIC_EXCEPTION.code(), code(response, "__consumer_offsets"));
    assertEquals(Errors.POLICY_VIOLATION.code(), code(response, "huge"));
    assertEquals(1, cluster.control.image().leadership().topicCount());
  }

  @Test
  void refusesATopicThatIsNamedTwice() {
    CreateTopicsResponseData response =
        ask(7, topic("a", 1, 1), topic("a", 2, 1), topic("b", 1, 1));

    assertEquals(2, response.topics().size());
    assertEquals(Errors.INVALID_REQUEST.code(), code(response, "a"));
    assertFalse(cluster.has("a"));
    assertTrue(cluster.has("b"));
  }

  @Test
  void takesAssignmentsThatAreNumberedThroughAndNameNoCounts() {
    CreateTopicsResponseData response =
        ask(
            7,
            assigned(topic("a", -1, -1), 0, 1),
            assigned(topic("gap", -1, -1), 0, 2),
            assigned(topic("counted", 2, -1), 0, 1));

    assertEquals(Errors.NONE.code(), code(response, "a"));
    assertEquals(2, response.topics().find("a").numPartitions());
    assertEquals(Errors.INVALID_REPLICA_ASSIGNMENT.code(), code(response, "gap"));
    assertEquals(Errors.INVALID_REQUEST.code(), code(response, "counted"));
  }

  @Test
  void placesReplicasOnSeveralBrokersOrWhereTheRequestSays() {
    Cluster three = Cluster.ofThree("topics: {replication-factor: 3}");
    CreateTopicsHandler handler = new CreateTopicsHandler(three.creation);
    CreatableTopic here = topic("here", -1, -1);
    here.assignments()
        .add(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(3, 1)));
    CreatableTopic nowhere = topic("nowhere", -1, -1);
    nowhere
        .assignments()
        .add(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(1, 9)));

    CreateTopicsResponseData response =
        Exchange.ask(
            handler,
            7,
            request(topic("all", 2, -1), topic("two", 2, 2), topic("four", 1, 4), here, nowhere),
            CreateTopicsResponseData.class);

    assertEquals(3, response.topics().find("all").replicationFactor());
    assertEquals(3, three.known("all").partitions().get(1).replicas().size());
    assertEquals(2, response.topics().find("two").replicationFactor());
    assertEquals(Errors.INVALID_REPLICATION_FACTOR.code(), code(response, "four"));
    assertEquals(2, response.topics().find("here").replicationFactor());
    assertEquals(NodeIds.of(3, 1), three.known("here").partitions().get(0).replicas());
    assertEquals(3, three.known("here").partitions().get(0).leader());
    assertEquals(Errors.INVALID_REPLICA_ASSIGNMENT.code(), code(response, "nowhere"));
  }

  @Test
  void onlyValidatesWhereAsked() {
    cluster.topic("old", 1);
    CreateTopicsRequestData request = request(topic("new", 2, 1), topic("old", 1, 1));

    CreateTopicsResponseData response =
        Exchange.ask(handler, 7, request.setValidateOnly(true), CreateTopicsResponseData.class);

    assertEquals(Errors.NONE.code(), code(response, "new"));
    assertEquals(Errors.TOPIC_ALREADY_EXISTS.code(), code(response, "old"));
    assertFalse(cluster.has("new"));
  }

  @Test
  void answersWhenThePartitionsAreServed() {
    cluster.served.hold();
    FakeLoop loop = new FakeLoop();

    Exchange exchange = Exchange.start(handler, 7, request(topic("a", 1, 1)), loop);

    assertFalse(exchange.isAnswered());
    cluster.served.release();
    assertEquals(
        Errors.NONE.code(), only(exchange.response(CreateTopicsResponseData.class)).errorCode());
    assertEquals(0, loop.timers());
  }

  @Test
  void tellsThatTheTimeIsOverWhenPartitionsOpenTooLate() {
    cluster.served.hold();
    FakeLoop loop = new FakeLoop();
    Exchange exchange = Exchange.start(handler, 7, request(topic("a", 1, 1)), loop);

    loop.advance(1_000);

    assertEquals(
        Errors.REQUEST_TIMED_OUT.code(),
        only(exchange.response(CreateTopicsResponseData.class)).errorCode());
    assertNotEquals(null, cluster.known("a"));
  }

  @Test
  void tellsThatPartitionsCannotBeOpened() {
    cluster.served.hold();
    Exchange exchange = Exchange.start(handler, 7, request(topic("a", 1, 1)), new FakeLoop());

    cluster.served.fail();

    assertEquals(
        Errors.KAFKA_STORAGE_ERROR.code(),
        only(exchange.response(CreateTopicsResponseData.class)).errorCode());
  }

  private CreateTopicsResponseData ask(int version, CreatableTopic... topics) {
    return Exchange.ask(handler, version, request(topics), CreateTopicsResponseData.class);
  }

  private static CreateTopicsRequestData request(CreatableTopic... topics) {
    CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(1_000);
    List.of(topics).forEach(request.topics()::add);
    return request;
  }

  private static CreatableTopic topic(String name, int partitions, int replicas) {
    return topic(name, partitions, replicas, Map.of());
  }

  private static CreatableTopic topic(
      String name, int partitions, int replicas, Map<String, String> configs) {
    CreatableTopic topic =
        new CreatableTopic()
            .setName(name)
            .setNumPartitions(partitions)
            .setReplicationFactor((short) replicas);
    configs.forEach((key, value) ->
        topic.configs().add(new CreatableTopicConfig().setName(key).setValue(value)));
    return topic;
  }

  private static CreatableTopic assigned(CreatableTopic topic, int... partitions) {
    for (int partition : partitions) {
      topic
          .assignments()
          .add(
              new CreatableReplicaAssignment()
                  .setPartitionIndex(partition)
                  .setBrokerIds(List.of(1)));
    }
    return topic;
  }

  private static CreatableTopicResult only(CreateTopicsResponseData response) {
    assertEquals(1, response.topics().size());
    return response.topics().iterator().next();
  }

  private static short code(CreateTopicsResponseData response, String topic) {
    return response.topics().find(topic).errorCode();
  }

  private static CreatableTopicConfigs value(CreatableTopicResult result, String name) {
    return result.configs().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }
}
