package io.penstock.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.node.admin.PrometheusText;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin ports of three nodes, of which one coordinates a group of Kafka's own consumer. */
@Timeout(180)
class AdminOnNodesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<Integer> NODES = List.of(1, 2, 3);
  private static final int RECORDS_EACH = 10;

  /** What a name in a path and in a label has to be written for. */
  private static final String GROUP = "orders/\u00fc \"1\"%\\";

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private NodesInProcess nodes;

  @BeforeEach
  void start() throws IOException {
    nodes =
        new NodesInProcess(directory, "groups: {lag-check: 1s}\nadmin: {address: '127.0.0.1:0'}");
    nodes.start(NODES);
  }

  @AfterEach
  void close() throws IOException {
    http.close();
    nodes.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void theCoordinatorShowsHowFarItsGroupIsBehind(String protocol) throws Exception {
    try (Admin admin = Admin.create(client())) {
      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();
    }
    write();
    KafkaConsumer<String, String> consumer = consumer(protocol);
    try {
      consumer.subscribe(List.of("read"));
      await()
          .atMost(PATIENCE)
          .until(() -> {
            consumer.poll(Duration.ofMillis(100));
            return consumer.assignment().size() == 2;
          });
      consumer.commitSync(
          Map.of(
              new TopicPartition("read", 0), new OffsetAndMetadata(4),
              new TopicPartition("read", 1), new OffsetAndMetadata(RECORDS_EACH)));

      int coordinator = coordinator();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertTold(group(coordinator), protocol);
            assertCounted(coordinator);
          });

      assertListed(coordinator);
      assertReferred(coordinator);
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  @Test
  void isReadyAndTellsWhereAGroupWouldBe() throws Exception {
    for (int id : NODES) {
      await().atMost(PATIENCE).untilAsserted(() -> assertReady(id));
    }
    assertEquals(404, get(1, "/api/groups/nobody").statusCode());
    nodes.stop(3);

    for (int id : List.of(1, 2)) {
      await().atMost(PATIENCE).untilAsserted(() -> assertReady(id));
    }
  }

  private void assertTold(JsonNode group, String protocol) {
    assertEquals(GROUP, group.get("groupId").asText());
    assertEquals(protocol, group.get("type").asText());
    assertEquals("Stable", group.get("state").asText());
    JsonNode member = group.get("members").get(0);
    assertEquals("reader", member.get("clientId").asText());
    assertEquals(6, member.get("lagRecords").asInt());
    assertTrue(member.get("lagSeconds").asDouble() > 0, group::toString);
    JsonNode behind = group.get("partitions").get(0);
    assertEquals("read", behind.get("topic").asText());
    assertEquals(0, behind.get("partition").asInt());
    assertEquals(4, behind.get("committedOffset").asLong());
    assertEquals(RECORDS_EACH, behind.get("endOffset").asLong());
    assertEquals(6, behind.get("lagRecords").asLong());
    assertEquals(member.get("memberId"), behind.get("memberId"));
    assertEquals("reader", behind.get("clientId").asText());
    JsonNode atTheEnd = group.get("partitions").get(1);
    assertEquals(0, atTheEnd.get("lagRecords").asLong());
    assertEquals(0.0, atTheEnd.get("lagSeconds").asDouble());
    assertEquals(2, group.get("partitions").size());
  }

  private void assertListed(int coordinator) throws Exception {
    for (int id : NODES) {
      HttpResponse<String> listed = get(id, "/api/groups");
      assertEquals(200, listed.statusCode());
      List<String> names =
          StreamSupport.stream(json.readTree(listed.body()).get("groups").spliterator(), false)
              .map(each -> each.get("groupId").asText())
              .toList();
      assertEquals(id == coordinator ? List.of(GROUP) : List.of(), names);
    }
  }

  private void assertCounted(int coordinator) throws Exception {
    for (int id : NODES) {
      HttpResponse<String> shown = get(id, "/metrics");
      assertEquals(200, shown.statusCode());
      Map<String, Double> samples = PrometheusText.parse(shown.body()).samples();
      assertFalse(samples.isEmpty());
      String group = "penstock_group_lag_records{group=" + GROUP + "}";
      String partition =
          "penstock_group_lag_partition_records{group=" + GROUP + ", partition=0, topic=read}";
      if (id == coordinator) {
        assertEquals(6.0, samples.get(group));
        assertEquals(6.0, samples.get(partition));
      } else {
        assertNull(samples.get(group));
        assertNull(samples.get(partition));
      }
    }
  }

  private void assertReferred(int coordinator) throws Exception {
    for (int id : NODES) {
      if (id != coordinator) {
        HttpResponse<String> referred = get(id, path(GROUP));
        assertEquals(421, referred.statusCode());
        JsonNode error = json.readTree(referred.body());
        assertEquals("NOT_COORDINATOR", error.get("error").asText());
        assertEquals(coordinator, error.get("coordinator").get("node").asInt());
        assertEquals(
            nodes.bootstrap(coordinator), error.get("coordinator").get("listener").asText());
      }
    }
  }

  private void assertReady(int id) throws Exception {
    HttpResponse<String> ready = get(id, "/health/ready");
    assertEquals(200, ready.statusCode(), ready::body);
  }

  /** The one node that knows the group. */
  private int coordinator() throws Exception {
    List<Integer> found = new ArrayList<>();
    for (int id : NODES) {
      if (get(id, path(GROUP)).statusCode() == 200) {
        found.add(id);
      }
    }
    assertEquals(1, found.size(), found::toString);
    return found.getFirst();
  }

  private JsonNode group(int id) throws Exception {
    return json.readTree(get(id, path(GROUP)).body());
  }

  private static String path(String group) {
    return "/api/groups/" + URLEncoder.encode(group, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpResponse<String> get(int id, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(nodes.admin(id) + path))
            .version(HttpClient.Version.HTTP_1_1)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void write() throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(client(), new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < RECORDS_EACH * 2; i++) {
        sent.add(producer.send(new ProducerRecord<>("read", i % 2, "k", "v")));
      }
    }
    for (Future<?> each : sent) {
      each.get();
    }
  }

  private KafkaConsumer<String, String> consumer(String protocol) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            nodes.bootstrap(),
            "group.id",
            GROUP,
            "group.protocol",
            protocol,
            "client.id",
            "reader",
            "auto.offset.reset",
            "earliest",
            "enable.auto.commit",
            "false"),
        new StringDeserializer(),
        new StringDeserializer());
  }

  private Map<String, Object> client() {
    return Map.of("bootstrap.servers", nodes.bootstrap());
  }
}
