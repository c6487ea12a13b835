package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Committed offsets on a whole node in this process, through Kafka's own clients. */
@Timeout(120)
class GroupsOnNodeTest {

  private static final TopicPartition FIRST = new TopicPartition("read", 0);
  private static final TopicPartition SECOND = new TopicPartition("read", 1);

  @TempDir private Path directory;
  private final List<Node> nodes = new ArrayList<>();

  @AfterEach
  void closeNodes() throws IOException {
    for (Node node : nodes) {
      node.close();
    }
  }

  @Test
  void committedOffsetsSurviveARestart() throws Exception {
    Node first = started();
    try (Admin admin = admin(first)) {
      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();
      commit(admin, "g1", Map.of(FIRST, new OffsetAndMetadata(5, "five"), SECOND, at(7)));
      commit(admin, "g1", Map.of(FIRST, at(6)));
      commit(admin, "g2", Map.of(SECOND, at(2)));
    }
    first.close();

    Node second = started();

    try (Admin admin = admin(second)) {
      assertEquals(Map.of(FIRST, at(6), SECOND, at(7)), committed(admin, "g1"));
      var both =
          admin
              .listConsumerGroupOffsets(
                  Map.of(
                      "g1",
                      new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(FIRST)),
                      "g2",
                      new ListConsumerGroupOffsetsSpec()))
              .all()
              .get();
      assertEquals(Map.of("g1", Map.of(FIRST, at(6)), "g2", Map.of(SECOND, at(2))), both);
    }
  }

  @Test
  void namesWithOffsetsAreListedAndDeletedAsGroupsWithoutMembers() throws Exception {
    Node node = started();
    try (Admin admin = admin(node)) {
      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();
      commit(admin, "g1", Map.of(FIRST, at(1), SECOND, at(2)));
      commit(admin, "g2", Map.of(FIRST, at(1)));
      assertEquals(Set.of("g1", "g2"), groups(admin));

      admin.deleteConsumerGroups(List.of("g2")).all().get();
      admin.deleteConsumerGroupOffsets("g1", Set.of(FIRST)).all().get();

      assertEquals(Set.of("g1"), groups(admin));
      assertEquals(Map.of(SECOND, at(2)), committed(admin, "g1"));
      assertInstanceOf(
          GroupIdNotFoundException.class,
          causeOf(() -> admin.deleteConsumerGroups(List.of("g2")).all().get()));
    }
  }

  @Test
  void whatIsWrongWithAnOffsetIsTold() throws Exception {
    Node node = started();
    try (Admin admin = admin(node)) {
      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();

      assertInstanceOf(
          UnknownTopicOrPartitionException.class,
          causeOf(() -> commit(admin, "g", Map.of(new TopicPartition("read", 2), at(1)))));
      assertInstanceOf(
          OffsetMetadataTooLarge.class,
          causeOf(
              () -> commit(admin, "g", Map.of(FIRST, new OffsetAndMetadata(1, "x".repeat(4097))))));
    }
  }

  @Test
  void theTopicOfTheGroupsIsMarkedAndTakesNothingFromClients() throws Exception {
    Node node = started();
    try (Admin admin = admin(node);
        var producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", address(node)),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();
      commit(admin, "g", Map.of(FIRST, at(1)));
      TopicDescription description =
          admin
              .describeTopics(List.of("__consumer_offsets"))
              .topicNameValues()
              .values()
              .iterator()
              .next()
              .get();
      assertTrue(description.isInternal());
      assertEquals(50, description.partitions().size());

      assertInstanceOf(
          InvalidTopicException.class,
          causeOf(() ->
              producer.send(new ProducerRecord<>("__consumer_offsets", new byte[] {1})).get()));
    }
  }

  @Test
  void offsetsOfATopicThatWasDeletedAreNotThoseOfItsSuccessor() throws Exception {
    Node node = started();
    try (Admin admin = admin(node)) {
      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();
      commit(admin, "g", Map.of(FIRST, at(100)));
      admin.deleteTopics(List.of("read")).all().get();

      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();

      assertEquals(Map.of(), committed(admin, "g"));
      Awaitility.await().untilAsserted(() -> assertEquals(Set.of(), groups(admin)));
    }
  }

  @Test
  void aGroupOfTwoReadsEveryRecordOnceAndGoesOnWhereItStopped() throws Exception {
    Node first = started();
    try (Admin admin = admin(first)) {
      admin.createTopics(List.of(new NewTopic("read", 2, (short) 1))).all().get();
    }
    produce(first, 0, 100);
    assertEquals(numbers(0, 100), readTogether(first, 100));
    first.close();

    Node second = started();
    produce(second, 100, 150);

    assertEquals(numbers(100, 150), readTogether(second, 50));
  }

  /** Two members poll in turn until they have so many records; what they read is committed. */
  private static List<Integer> readTogether(Node node, int count) throws Exception {
    List<Integer> read = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> one = consumer(node);
        KafkaConsumer<byte[], byte[]> other = consumer(node)) {
      one.subscribe(List.of("read"));
      other.subscribe(List.of("read"));
      while (one.assignment().size() != 1 || other.assignment().size() != 1) {
        take(one, read);
        take(other, read);
      }
      while (read.size() < count) {
        take(one, read);
        take(other, read);
      }
    }
    return read.stream().sorted().toList();
  }

  private static void take(KafkaConsumer<byte[], byte[]> consumer, List<Integer> read) {
    for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(50))) {
      read.add(ByteBuffer.wrap(each.value()).getInt());
    }
    consumer.commitSync();
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  private static void produce(Node node, int from, int to) throws Exception {
    try (var producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", address(node)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = from; i < to; i++) {
        byte[] value = ByteBuffer.allocate(4).putInt(i).array();
        producer.send(new ProducerRecord<>("read", i % 2, null, value)).get();
      }
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Node node) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", address(node),
            "group.id", "together",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static OffsetAndMetadata at(long offset) {
    return new OffsetAndMetadata(offset);
  }

  private static void commit(
      Admin admin, String group, Map<TopicPartition, OffsetAndMetadata> offsets)
      throws ExecutionException, InterruptedException {
    admin.alterConsumerGroupOffsets(group, offsets).all().get();
  }

  private static Map<TopicPartition, OffsetAndMetadata> committed(Admin admin, String group)
      throws ExecutionException, InterruptedException {
    return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
  }

  private static Set<String> groups(Admin admin) throws ExecutionException, InterruptedException {
    return admin.listGroups().all().get().stream()
        .map(group -> group.groupId())
        .collect(Collectors.toSet());
  }

  private static @Nullable Throwable causeOf(org.junit.jupiter.api.function.Executable step) {
    return assertThrows(ExecutionException.class, step).getCause();
  }

  private static Admin admin(Node node) {
    return Admin.create(Map.of("bootstrap.servers", address(node)));
  }

  private static String address(Node node) {
    return node.bootstrap().orElseThrow().toString();
  }

  private Node started() throws NodeStartException {
    Node node =
        new Node(
            NodeConfig.defaults(directory, new HostPort("127.0.0.1", 0)).withoutRebalanceDelay(),
            new MetricRegistry(),
            (reason, cause) -> {
              throw new AssertionError(reason, cause);
            },
            _ -> {});
    nodes.add(node);
    node.start();
    return node;
  }
}
