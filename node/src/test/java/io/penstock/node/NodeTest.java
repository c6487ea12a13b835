package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.config.NodeConfigReader;
import io.penstock.storage.dir.CleanShutdownMark;
import io.penstock.storage.io.Disks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole node in this process, used by Kafka's own clients. */
@Timeout(120)
class NodeTest {

  @TempDir private Path directory;
  private final List<Node> nodes = new ArrayList<>();

  @AfterEach
  void closeNodes() throws IOException {
    for (Node node : nodes) {
      node.close();
    }
  }

  @Test
  void recordsComeBackAsTheyWereProducedInEveryCodec() throws Exception {
    Node node = started();
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      List<String> sent = produce(node, "records-" + codec, codec, 100);

      assertEquals(sent, consume(node, "records-" + codec, 100));
    }
  }

  @Test
  void topicsLiveThroughARestartWithTheirSettingsAndRecords() throws Exception {
    Node first = started();
    try (Admin admin = admin(first)) {
      NewTopic topic = new NewTopic("kept", Optional.of(3), Optional.empty());
      admin.createTopics(List.of(topic.configs(Map.of("retention.ms", "777000")))).all().get();
      admin.createPartitions(Map.of("kept", NewPartitions.increaseTo(4))).all().get();
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "kept");
      AlterConfigOp change =
          new AlterConfigOp(new ConfigEntry("segment.ms", "5000000"), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
    }
    List<String> sent = produce(first, "kept", "none", 50);
    String cluster = clusterId(first);
    first.close();

    Node second = started();

    assertEquals(
        sent.stream().sorted().toList(), consume(second, "kept", 50).stream().sorted().toList());
    assertEquals(cluster, clusterId(second));
    assertEquals(4, partitions(second, "kept"));
    assertEquals("777000", setting(second, "kept", "retention.ms"));
    assertEquals("5000000", setting(second, "kept", "segment.ms"));
  }

  @Test
  void aDeletedTopicCanBeCreatedAgainAndIsEmpty() throws Exception {
    Node node = started();
    produce(node, "again", "none", 10);
    try (Admin admin = admin(node)) {
      admin.deleteTopics(List.of("again")).all().get();
      assertEquals(Set.of(), admin.listTopics().names().get());
      admin.createTopics(List.of(new NewTopic("again", 1, (short) 1))).all().get();
    }

    assertEquals(produce(node, "again", "none", 5), consume(node, "again", 5));
  }

  @Test
  void aCleanStopSaysUnderWhichBrokerEpochTheDataWasLeft() throws Exception {
    for (int start = 0; start < 2; start++) {
      started().close();

      long marked =
          CleanShutdownMark.read(Disks.local(), directory)
              .map(CleanShutdownMark::brokerEpoch)
              .orElseThrow();
      assertTrue(marked >= 0, "epoch " + marked);
    }
  }

  @Test
  void topicsCreatedAndDeletedInALoopLeaveTheDirectoryOnline() throws Exception {
    Node node = started();
    try (Admin admin = admin(node)) {
      for (int round = 0; round < 4; round++) {
        admin.createTopics(List.of(new NewTopic("loop", 300, (short) 1))).all().get();
        if (round % 2 == 0) {
          produce(node, "loop", "none", 600);
        }
        admin.deleteTopics(List.of("loop")).all().get();
      }
      assertEquals(produce(node, "kept", "none", 5), consume(node, "kept", 5));
      for (Map<String, LogDirDescription> directories :
          admin.describeLogDirs(List.of(1)).allDescriptions().get().values()) {
        directories.values().forEach(found -> assertNull(found.error()));
      }
    }
  }

  @Test
  void aSecondNodeOnTheSameDirectoryIsRefused() throws Exception {
    started();
    Node second = node(NodeConfig.defaults(directory, new HostPort("127.0.0.1", 0)));

    NodeStartException refused = assertThrows(NodeStartException.class, second::start);

    assertTrue(String.valueOf(refused.getMessage()).contains("in use"), refused.getMessage());
  }

  @Test
  void aDirectoryOfAnotherNodeIsRefused() throws Exception {
    Node first = started();
    first.close();
    Path meta = directory.resolve("meta.properties");
    Files.writeString(meta, Files.readString(meta).replace("node.id=1", "node.id=8"));
    Node second = node(NodeConfig.defaults(directory, new HostPort("127.0.0.1", 0)));

    NodeStartException refused = assertThrows(NodeStartException.class, second::start);

    assertTrue(
        String.valueOf(refused.getMessage()).contains("belongs to node 8"), refused.getMessage());
  }

  @Test
  void aDirectoryThatLostItsControlPlaneIsRefused() throws Exception {
    Files.writeString(
        directory.resolve("meta.properties"),
        "version=1\ncluster.id=q1Sh-9_ISia_zwGINzRvyQ\nnode.id=1\n");
    Node node = node(NodeConfig.defaults(directory, new HostPort("127.0.0.1", 0)));

    NodeStartException refused = assertThrows(NodeStartException.class, node::start);

    assertTrue(
        String.valueOf(refused.getMessage()).contains("data.adopt-kafka-data"),
        refused.getMessage());
  }

  /** To a node whose control plane is gone, its own directories look as Kafka's do. */
  @Test
  void topicsOfAnotherBrokerAreAdoptedWithTheirRecordsAndLaterEpochs() throws Exception {
    Node first = started();
    List<String> sent = produce(first, "adopted", "lz4", 20);
    String cluster = clusterId(first);
    first.close();
    deleteTree(directory.resolve("control"));
    NodeConfig adopting =
        NodeConfigReader.parse(
            "test.yaml",
            "data: {directories: ['%s'], adopt-kafka-data: true}\n".formatted(directory)
                + "listener: {address: '127.0.0.1:0'}\n");

    for (int start = 0; start < 2; start++) {
      Node node = node(adopting);
      node.start();
      assertEquals(sent, consume(node, "adopted", sent.size()));
      sent.addAll(produce(node, "adopted", "none", 5));
      assertNotEquals(cluster, clusterId(node));
      assertEquals(start + 2, producers(node, "adopted"), "each producer has an id of its own");
      node.close();
    }

    String epochs = Files.readString(directory.resolve("adopted-0/leader-epoch-checkpoint"));
    assertTrue(epochs.contains("0 0\n1 20\n"), epochs);
  }

  @Test
  void aPortInUseIsToldAndLeavesNothingOpen() throws Exception {
    Node first = started();
    NodeConfig config =
        NodeConfig.defaults(directory.resolve("other"), first.bootstrap().orElseThrow());

    NodeStartException refused = assertThrows(NodeStartException.class, () -> node(config).start());

    assertTrue(
        String.valueOf(refused.getMessage()).contains("Cannot listen"), refused.getMessage());
    Node again =
        node(NodeConfig.defaults(directory.resolve("other"), new HostPort("127.0.0.1", 0)));
    again.start();
    assertFalse(again.bootstrap().equals(first.bootstrap()));
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Node started() throws NodeStartException {
    Node node = node(NodeConfig.defaults(directory, new HostPort("127.0.0.1", 0)));
    node.start();
    return node;
  }

  private Node node(NodeConfig config) {
    Node node =
        new Node(
            config,
            new MetricRegistry(),
            (reason, cause) -> {
              throw new AssertionError(reason, cause);
            },
            _ -> {});
    nodes.add(node);
    return node;
  }

  private static Map<String, Object> client(Node node) {
    return Map.of("bootstrap.servers", node.bootstrap().orElseThrow().toString());
  }

  private static Admin admin(Node node) {
    return Admin.create(client(node));
  }

  private static int partitions(Node node, String topic)
      throws ExecutionException, InterruptedException {
    try (Admin admin = admin(node)) {
      return admin
          .describeTopics(List.of(topic))
          .topicNameValues()
          .values()
          .iterator()
          .next()
          .get()
          .partitions()
          .size();
    }
  }

  private static String setting(Node node, String topic, String name)
      throws ExecutionException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = admin(node)) {
      Collection<Config> found = admin.describeConfigs(List.of(resource)).all().get().values();
      return found.iterator().next().get(name).value();
    }
  }

  private static int producers(Node node, String topic)
      throws ExecutionException, InterruptedException {
    try (Admin admin = admin(node)) {
      return admin
          .describeProducers(List.of(new TopicPartition(topic, 0)))
          .partitionResult(new TopicPartition(topic, 0))
          .get()
          .activeProducers()
          .size();
    }
  }

  private static String clusterId(Node node) throws ExecutionException, InterruptedException {
    try (Admin admin = admin(node)) {
      return admin.describeCluster().clusterId().get();
    }
  }

  /** With an idempotent producer, which fails where its id is not new to the log. */
  private static List<String> produce(Node node, String topic, String codec, int count)
      throws ExecutionException, InterruptedException {
    Map<String, Object> settings = new HashMap<>(client(node));
    settings.put("compression.type", codec);
    List<String> values = new ArrayList<>();
    List<Future<RecordMetadata>> acks = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        values.add(topic + " " + i + " " + "x".repeat(i));
        byte[] value = values.getLast().getBytes(StandardCharsets.UTF_8);
        acks.add(producer.send(new ProducerRecord<>(topic, value)));
      }
      for (Future<RecordMetadata> ack : acks) {
        ack.get();
      }
    }
    return values;
  }

  private static List<String> consume(Node node, String topic, int count) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            client(node), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(found -> new TopicPartition(topic, found.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (values.size() < count) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          values.add(new String(record.value(), StandardCharsets.UTF_8));
        }
      }
    }
    return values;
  }
}
