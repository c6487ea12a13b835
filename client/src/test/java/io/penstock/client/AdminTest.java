package io.penstock.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.net.BrokerConnectionException;
import io.penstock.client.net.ConnectionSettings;
import io.penstock.client.net.Endpoint;
import io.penstock.client.net.FakeBroker;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Topics through a broker that keeps them in memory. */
@Timeout(60)
class AdminTest {

  private final FakeBroker broker = new FakeBroker();
  private final Admin admin = admin(broker.endpoint());

  @BeforeEach
  void serveTopics() {
    InMemoryTopics.serve(broker);
  }

  @AfterEach
  void close() {
    admin.close();
    broker.close();
  }

  @Test
  void createdTopicIsListedAndDescribed() throws Exception {
    UUID id = get(admin.createTopic(topic("orders", 3, Map.of("retention.ms", "5"))));

    TopicDescription listed = get(admin.listTopics()).get(0);
    assertEquals("orders", listed.name());
    assertEquals(id, listed.id());
    assertEquals(3, listed.partitions().size());
    assertEquals(List.of(listed), get(admin.describeTopics(List.of("orders"))));
    assertEquals(
        List.of(
            new ConfigValue("min.insync.replicas", "1", ConfigValue.Source.DEFAULT),
            new ConfigValue("retention.ms", "5", ConfigValue.Source.TOPIC)),
        get(admin.topicConfigs(List.of("orders"))).get("orders"));
  }

  @Test
  void eachTopicOfARequestHasItsOwnAnswer() throws Exception {
    get(admin.createTopic(topic("old", 1, Map.of())));

    Map<String, CompletableFuture<UUID>> answers =
        admin.createTopics(List.of(topic("old", 1, Map.of()), topic("new", 1, Map.of())));

    assertEquals(Errors.TOPIC_ALREADY_EXISTS, refusalOf(answers.get("old")).error());
    get(answers.get("new"));
  }

  @Test
  void deletedTopicIsGone() throws Exception {
    get(admin.createTopic(topic("a", 1, Map.of())));

    Map<String, CompletableFuture<Void>> answers = admin.deleteTopics(List.of("a", "b"));

    get(answers.get("a"));
    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, refusalOf(answers.get("b")).error());
    assertTrue(get(admin.listTopics()).isEmpty());
  }

  @Test
  void describingAnUnknownTopicSaysSo() {
    AdminException refusal = refusalOf(admin.describeTopics(List.of("nope")));

    assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, refusal.error());
    assertTrue(String.valueOf(refusal.getMessage()).contains("'nope'"), refusal.getMessage());
  }

  @Test
  void changeThatGotNoAnswerIsNotSentAgain() {
    broker.on(ApiKeys.CREATE_TOPICS, FakeBroker.Exchange::hangUp);

    var answer = admin.createTopic(topic("t", 1, Map.of()));

    assertInstanceOf(BrokerConnectionException.class, failureOf(answer));
    assertEquals(1, broker.exchanges(ApiKeys.CREATE_TOPICS).size());
  }

  @Test
  void answerThatForgetsATopicFailsIt() {
    broker.on(
        ApiKeys.CREATE_TOPICS,
        e -> e.answer(new org.apache.kafka.common.message.CreateTopicsResponseData()));

    assertEquals(
        Errors.UNKNOWN_SERVER_ERROR, refusalOf(admin.createTopic(topic("t", 1, Map.of()))).error());
  }

  static Admin admin(Endpoint... bootstrap) {
    return Admin.of(List.of(bootstrap), ConnectionSettings.defaults("test"));
  }

  private static NewTopic topic(String name, int partitions, Map<String, String> configs) {
    return new NewTopic(name, partitions, NewTopic.CLUSTER_DEFAULT, configs);
  }

  private static <T> T get(@org.jspecify.annotations.Nullable CompletableFuture<T> answer)
      throws Exception {
    return java.util.Objects.requireNonNull(answer).get(30, TimeUnit.SECONDS);
  }

  private static AdminException refusalOf(
      @org.jspecify.annotations.Nullable CompletableFuture<?> answer) {
    return assertInstanceOf(AdminException.class, failureOf(answer));
  }

  private static Throwable failureOf(
      @org.jspecify.annotations.Nullable CompletableFuture<?> answer) {
    ExecutionException failure = assertThrows(ExecutionException.class, () -> get(answer));
    return java.util.Objects.requireNonNull(failure.getCause());
  }
}
