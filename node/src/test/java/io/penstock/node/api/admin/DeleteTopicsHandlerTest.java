package io.penstock.node.api.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.KafkaIds;
import io.penstock.replication.cluster.InMemoryControlPlane.Fate;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What clients are told about topics they delete. */
class DeleteTopicsHandlerTest {

  private final Cluster cluster = Cluster.ofOne();
  private final DeleteTopicsHandler handler = new DeleteTopicsHandler(cluster.control);

  @Test
  void deletesByNameInEveryVersion() {
    for (int version = handler.lowestVersion(); version <= handler.highestVersion(); version++) {
      cluster.topic("a", 1);

      DeleteTopicsResponseData response = ask(version, byName(version, "a", "unknown"));

      assertEquals(Errors.NONE.code(), response.responses().find("a").errorCode());
      assertEquals(
          Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
          response.responses().find("unknown").errorCode());
      assertFalse(cluster.has("a"));
    }
  }

  @Test
  void deletesById() {
    TopicImage topic = cluster.topic("a", 1);
    Uuid id = KafkaIds.toKafka(topic.id());

    DeleteTopicsResponseData response =
        ask(6, states(state(null, id), state(null, new Uuid(3, 4))));

    DeletableTopicResult deleted = response.responses().find("a");
    assertEquals(Errors.NONE.code(), deleted.errorCode());
    assertEquals(id, deleted.topicId());
    DeletableTopicResult unknown = response.responses().find((String) null);
    assertEquals(Errors.UNKNOWN_TOPIC_ID.code(), unknown.errorCode());
    assertFalse(cluster.has("a"));
  }

  @Test
  void forgetsTheConfigurationToo() {
    TopicImage topic = cluster.topic("a", 1);
    ConfigTarget target = new ConfigTarget.Topic(topic.id());
    cluster.control.apply(
        new SetConfigs(List.of(ConfigChange.merge(target, Map.of("retention.ms", "1"), Set.of()))));

    ask(6, byName(6, "a"));

    assertTrue(cluster.control.image().metadata().topicConfigs(topic.id()).isEmpty());
  }

  @Test
  void tellsThatATopicIsDeletedWhereItsConfigurationCouldNotBe() {
    cluster.topic("a", 1);
    cluster.control.next(Fate.ANSWERED, Fate.LOST);

    DeleteTopicsResponseData response = ask(6, byName(6, "a"));

    assertEquals(Errors.NONE.code(), response.responses().find("a").errorCode());
    assertFalse(cluster.has("a"));
  }

  @Test
  void tellsThatNobodyKnowsWhetherATopicIsDeleted() {
    cluster.topic("a", 1);
    cluster.control.next(Fate.LOST);

    DeleteTopicsResponseData response = ask(6, byName(6, "a"));

    assertEquals(Errors.REQUEST_TIMED_OUT.code(), response.responses().find("a").errorCode());
  }

  @Test
  void refusesWhatIsNamedTwiceOrNotAtAll() {
    TopicImage topic = cluster.topic("a", 1);
    Uuid id = KafkaIds.toKafka(topic.id());

    DeleteTopicsResponseData twice = ask(6, byName(6, "a", "a"));
    assertEquals(1, twice.responses().size());
    assertEquals(Errors.INVALID_REQUEST.code(), twice.responses().find("a").errorCode());

    for (DeleteTopicState state : List.of(state("a", id), state(null, Uuid.ZERO_UUID))) {
      DeleteTopicsResponseData response = ask(6, states(state));
      assertEquals(
          Errors.INVALID_REQUEST.code(), response.responses().iterator().next().errorCode());
    }
    assertTrue(cluster.has("a"));
  }

  private DeleteTopicsResponseData ask(int version, DeleteTopicsRequestData request) {
    return Exchange.ask(
        handler, version, request.setTimeoutMs(1_000), DeleteTopicsResponseData.class);
  }

  private static DeleteTopicsRequestData byName(int version, String... names) {
    if (version < 6) {
      return new DeleteTopicsRequestData().setTopicNames(List.of(names));
    }
    DeleteTopicsRequestData request = new DeleteTopicsRequestData();
    for (String name : names) {
      request.topics().add(new DeleteTopicState().setName(name));
    }
    return request;
  }

  private static DeleteTopicsRequestData states(DeleteTopicState... states) {
    return new DeleteTopicsRequestData().setTopics(List.of(states));
  }

  private static DeleteTopicState state(@Nullable String name, Uuid id) {
    return new DeleteTopicState().setName(name).setTopicId(id);
  }
}
