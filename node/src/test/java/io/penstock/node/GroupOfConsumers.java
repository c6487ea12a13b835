package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.config.NodeConfigReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own consumers, in one group of either protocol, on a whole node in this process. They are
 * polled in turn by the test's thread, which commits what they have read.
 */
final class GroupOfConsumers {

  static final String GROUP = "together";
  static final String TOPIC = "read";
  static final int PARTITIONS = 4;

  final List<KafkaConsumer<byte[], byte[]>> consumers = new ArrayList<>();

  /** The numbers that have been read, and how many records that were. */
  final Set<Integer> read = new TreeSet<>();

  int taken;

  private final Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();

  GroupOfConsumers(Path directory) {
    this.directory = directory;
  }

  void close() throws Exception {
    for (KafkaConsumer<byte[], byte[]> each : consumers) {
      each.close(CloseOptions.timeout(Duration.ZERO));
    }
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  Node started() throws NodeStartException {
    return started(
        NodeConfig.defaults(directory, new HostPort("127.0.0.1", 0)).withoutRebalanceDelay());
  }

  private Node started(NodeConfig config) throws NodeStartException {
    Node node =
        new Node(
            config,
            new MetricRegistry(),
            (reason, cause) -> {
              throw new AssertionError(reason, cause);
            },
            _ -> {});
    open.add(node);
    node.start();
    return node;
  }

  /** With a topic of some partitions. */
  Node startedWithTopic(int partitions) throws Exception {
    return withTopic(started(), partitions);
  }

  /** With settings of groups, such as {@code consumer-heartbeat: 1s}, and a topic. */
  Node startedWithTopic(int partitions, String settings) throws Exception {
    String yaml =
        """
        data: {directories: ['%s']}
        listener: {address: '127.0.0.1:0'}
        groups: {initial-rebalance-delay: 0ms, %s}
        """
            .formatted(directory, settings);
    Node node = started(NodeConfigReader.parse("test", yaml).onAnyPeerPort());
    return withTopic(node, partitions);
  }

  private Node withTopic(Node node, int partitions) throws Exception {
    admin(node).createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1))).all().get();
    return node;
  }

  void closeNodes() throws IOException {
    for (AutoCloseable each : List.copyOf(open)) {
      if (each instanceof Node node) {
        node.close();
      }
    }
  }

  Admin admin(Node node) {
    Admin admin = Admin.create(Map.of("bootstrap.servers", address(node)));
    open.add(admin);
    return admin;
  }

  static ConsumerGroupDescription description(Admin admin) throws Exception {
    return admin.describeConsumerGroups(List.of(GROUP)).all().get().values().iterator().next();
  }

  /** Sets the group to what is its own, and waits until that is in force. */
  static void set(Admin admin, Map<String, String> settings) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, GROUP);
    List<AlterConfigOp> operations = new ArrayList<>();
    settings.forEach((name, value) ->
        operations.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
    admin.incrementalAlterConfigs(Map.of(resource, operations)).all().get();
    Config config = admin.describeConfigs(List.of(resource)).all().get().values().iterator().next();
    settings.forEach((name, value) -> assertEquals(value, config.get(name).value()));
  }

  /** A consumer of the consumer protocol, unless the settings say otherwise. */
  KafkaConsumer<byte[], byte[]> subscribed(Node node, Map<String, Object> settings) {
    KafkaConsumer<byte[], byte[]> consumer = consumer(node, settings);
    consumer.subscribe(List.of(TOPIC));
    return consumer;
  }

  KafkaConsumer<byte[], byte[]> consumer(Node node, Map<String, Object> settings) {
    Map<String, Object> all =
        new HashMap<>(
            Map.of(
                "bootstrap.servers", address(node),
                "group.id", GROUP,
                "group.protocol", "consumer",
                "auto.offset.reset", "earliest",
                "enable.auto.commit", "false"));
    all.putAll(settings);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumers.add(consumer);
    return consumer;
  }

  /** Whether each partition has one consumer, and each consumer a partition. */
  boolean isShared() {
    Map<TopicPartition, Integer> holders = new HashMap<>();
    boolean allHaveSome = true;
    for (KafkaConsumer<byte[], byte[]> each : consumers) {
      allHaveSome &= !each.assignment().isEmpty();
      each.assignment().forEach(partition -> holders.merge(partition, 1, Integer::sum));
    }
    return allHaveSome
        && holders.size() == PARTITIONS
        && holders.values().stream().allMatch(count -> count == 1);
  }

  void pollUntil(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      for (KafkaConsumer<byte[], byte[]> each : consumers) {
        boolean any = false;
        for (ConsumerRecord<byte[], byte[]> record : each.poll(Duration.ofMillis(50))) {
          read.add(ByteBuffer.wrap(record.value()).getInt());
          taken++;
          any = true;
        }
        if (any) {
          each.commitSync();
        }
      }
    }
  }

  static void produce(Node node, int from, int to) throws Exception {
    try (var producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", address(node)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = from; i < to; i++) {
        byte[] value = ByteBuffer.allocate(4).putInt(i).array();
        producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, value)).get();
      }
    }
  }

  static String address(Node node) {
    return node.bootstrap().orElseThrow().toString();
  }
}
