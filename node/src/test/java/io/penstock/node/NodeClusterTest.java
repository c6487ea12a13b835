package io.penstock.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several whole nodes in this process, over loopback. */
@Timeout(180)
class NodeClusterTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PARTITIONS = 3;
  private static final int RECORDS = 100;

  @TempDir private Path directory;
  private NodesInProcess nodes;

  @BeforeEach
  void choosePorts() throws IOException {
    nodes = new NodesInProcess(directory, "");
  }

  @AfterEach
  void closeNodes() throws IOException {
    nodes.close();
  }

  @Test
  void threeVotersAndABrokerAreOneClusterInWhateverOrderTheyStart() throws Exception {
    List<Integer> order = new ArrayList<>(List.of(1, 2, 3, 4));
    long seed = System.nanoTime();
    Collections.shuffle(order, new Random(seed));
    System.out.println("seed=" + seed + " order=" + order);
    nodes.start(order);

    createTopic(1, "from-one");
    createTopic(4, "from-four");
    for (int id : order) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertEquals(Set.of("from-one", "from-four"), topics(id)));
      assertEquals(Set.of(1, 2, 3, 4), brokers(id));
    }
  }

  @Test
  void aRestartOfAllKeepsEverything() throws Exception {
    nodes.start(List.of(1, 2, 3));
    createTopic(2, "kept");
    String cluster = clusterId(1);
    nodes.stopAll();

    nodes.start(List.of(3, 2, 1));

    for (int id = 1; id <= 3; id++) {
      assertEquals(Set.of("kept"), topics(id));
      assertEquals(cluster, clusterId(id));
    }
  }

  @Test
  void aWipedVoterComesBackWithoutAVoteAndServesWhatTheClusterKnows() throws Exception {
    nodes.start(List.of(1, 2, 3));
    createTopic(1, "kept");
    nodes.stop(3);
    nodes.wipe(3);

    nodes.start(List.of(3));

    assertEquals(Set.of("kept"), topics(3));
    assertEquals(Set.of(1, 2, 3), brokers(3));
    assertTrue(
        Files.readString(nodes.directory(3).resolve(NodeMark.FILE_NAME)).contains("role=observer"));
  }

  @Test
  void recordsAreOnEveryReplicaAndOutliveEachLeader() throws Exception {
    nodes.start(List.of(1, 2, 3));
    createTopic(1, "copied", 3);
    int sent = 0;
    for (int id = 1; id <= 3; id++) {
      produce(sent, sent += RECORDS);
      nodes.stop(id);
      produce(sent, sent += RECORDS);
      nodes.start(List.of(id));
    }

    for (int partition = 0; partition < PARTITIONS; partition++) {
      Path log = Path.of("copied-" + partition, "00000000000000000000.log");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            byte[] first = Files.readAllBytes(nodes.directory(1).resolve(log));
            assertArrayEquals(first, Files.readAllBytes(nodes.directory(2).resolve(log)));
            assertArrayEquals(first, Files.readAllBytes(nodes.directory(3).resolve(log)));
          });
    }
    assertEquals(IntStream.range(0, sent).boxed().toList(), consumeAll(sent));
  }

  @Test
  void aLeaderThatStopsLeavesNoRecordThatAnyNodeHasToCut() throws Exception {
    nodes.start(List.of(1, 2, 3));
    createTopic(1, "copied", 3);
    AtomicBoolean stopping = new AtomicBoolean();
    CompletableFuture<Integer> written = new CompletableFuture<>();
    Thread.ofPlatform().start(() -> writeUntil(stopping, written));
    await().atMost(PATIENCE).until(() -> committedAt(2) > RECORDS);

    nodes.stop(1);

    long then = committedAt(2);
    await().atMost(PATIENCE).until(() -> committedAt(2) > then + RECORDS);
    stopping.set(true);
    int sent = written.get();
    assertEquals(IntStream.range(0, sent).boxed().toList(), consumeAll(sent));
    assertEquals(0, nodes.counted("penstock.follower.truncations"));
  }

  /**
   * So many at a time that the broker has always some to take in, and replicas are not far behind.
   */
  private void writeUntil(AtomicBoolean stopping, CompletableFuture<Integer> written) {
    Map<String, Object> settings = Map.of("bootstrap.servers", nodes.bootstrap(), "acks", "all");
    Semaphore underWay = new Semaphore(PARTITIONS * RECORDS);
    int sent = 0;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (; !stopping.get(); sent++) {
        underWay.acquire();
        byte[] value = ByteBuffer.allocate(Integer.BYTES).putInt(sent).array();
        var _ =
            producer.send(
                new ProducerRecord<>("copied", sent % PARTITIONS, null, value),
                (_, failure) -> {
                  underWay.release();
                  if (failure != null) {
                    written.completeExceptionally(failure);
                  }
                });
      }
    } catch (InterruptedException e) {
      written.completeExceptionally(e);
    }
    written.complete(sent);
  }

  private long committedAt(int id) throws Exception {
    try (Admin admin = admin(id)) {
      long sum = 0;
      for (int partition = 0; partition < PARTITIONS; partition++) {
        TopicPartition each = new TopicPartition("copied", partition);
        sum +=
            admin
                .listOffsets(Map.of(each, OffsetSpec.latest()))
                .partitionResult(each)
                .get()
                .offset();
      }
      return sum;
    }
  }

  /** Returns when all in-sync replicas have the records. */
  private void produce(int from, int to) throws ExecutionException, InterruptedException {
    Map<String, Object> settings = Map.of("bootstrap.servers", nodes.bootstrap(), "acks", "all");
    List<Future<RecordMetadata>> acks = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = from; i < to; i++) {
        byte[] value = ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
        acks.add(producer.send(new ProducerRecord<>("copied", i % PARTITIONS, null, value)));
      }
    }
    for (Future<RecordMetadata> ack : acks) {
      ack.get();
    }
  }

  private List<Integer> consumeAll(int count) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", nodes.bootstrap(), "auto.offset.reset", "earliest");
    List<Integer> values = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(
          IntStream.range(0, PARTITIONS)
              .mapToObj(partition -> new TopicPartition("copied", partition))
              .toList());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(500))) {
              values.add(ByteBuffer.wrap(each.value()).getInt());
            }
            assertEquals(count, values.size());
          });
    }
    Collections.sort(values);
    return values;
  }

  private Admin admin(int id) {
    return Admin.create(Map.of("bootstrap.servers", nodes.bootstrap(id)));
  }

  private void createTopic(int id, String name) throws ExecutionException, InterruptedException {
    createTopic(id, name, 1);
  }

  private void createTopic(int id, String name, int replicas)
      throws ExecutionException, InterruptedException {
    try (Admin admin = admin(id)) {
      NewTopic topic = new NewTopic(name, Optional.of(PARTITIONS), Optional.of((short) replicas));
      admin.createTopics(List.of(topic)).all().get();
    }
  }

  private Set<String> topics(int id) throws ExecutionException, InterruptedException {
    try (Admin admin = admin(id)) {
      return new HashSet<>(admin.listTopics().names().get());
    }
  }

  private Set<Integer> brokers(int id) throws ExecutionException, InterruptedException {
    try (Admin admin = admin(id)) {
      Set<Integer> ids = new TreeSet<>();
      for (org.apache.kafka.common.Node broker : admin.describeCluster().nodes().get()) {
        ids.add(broker.id());
      }
      return ids;
    }
  }

  private String clusterId(int id) throws ExecutionException, InterruptedException {
    try (Admin admin = admin(id)) {
      return admin.describeCluster().clusterId().get();
    }
  }
}
