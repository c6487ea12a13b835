package io.penstock.node;

import static java.util.stream.Collectors.joining;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.ConfigException;
import io.penstock.node.config.NodeConfigReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  private final Map<Integer, Integer> clientPorts = new HashMap<>();
  private final Map<Integer, Integer> peerPorts = new HashMap<>();
  private final Map<Integer, Node> nodes = new HashMap<>();
  private final Map<String, MetricRegistry> registries = new HashMap<>();

  @BeforeEach
  void choosePorts() throws IOException {
    List<ServerSocket> probes = new ArrayList<>();
    for (int id = 1; id <= 4; id++) {
      clientPorts.put(id, freePort(probes));
      peerPorts.put(id, freePort(probes));
    }
    for (ServerSocket probe : probes) {
      probe.close();
    }
  }

  private static int freePort(List<ServerSocket> probes) throws IOException {
    ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    probes.add(probe);
    return probe.getLocalPort();
  }

  @AfterEach
  void closeNodes() throws IOException {
    for (Node node : nodes.values()) {
      node.close();
    }
  }

  @Test
  void threeVotersAndABrokerAreOneClusterInWhateverOrderTheyStart() throws Exception {
    List<Integer> order = new ArrayList<>(List.of(1, 2, 3, 4));
    long seed = System.nanoTime();
    Collections.shuffle(order, new Random(seed));
    System.out.println("seed=" + seed + " order=" + order);
    start(order);

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
    start(List.of(1, 2, 3));
    createTopic(2, "kept");
    String cluster = clusterId(1);
    for (Node node : nodes.values()) {
      node.close();
    }
    nodes.clear();

    start(List.of(3, 2, 1));

    for (int id = 1; id <= 3; id++) {
      assertEquals(Set.of("kept"), topics(id));
      assertEquals(cluster, clusterId(id));
    }
  }

  @Test
  void aWipedVoterComesBackWithoutAVoteAndServesWhatTheClusterKnows() throws Exception {
    start(List.of(1, 2, 3));
    createTopic(1, "kept");
    taken(3).close();
    deleteTree(directory.resolve("node3"));

    start(List.of(3));

    assertEquals(Set.of("kept"), topics(3));
    assertEquals(Set.of(1, 2, 3), brokers(3));
    assertTrue(
        Files.readString(directory.resolve("node3").resolve(NodeMark.FILE_NAME))
            .contains("role=observer"));
  }

  @Test
  void recordsAreOnEveryReplicaAndOutliveEachLeader() throws Exception {
    start(List.of(1, 2, 3));
    createTopic(1, "copied", 3);
    int sent = 0;
    for (int id = 1; id <= 3; id++) {
      produce(sent, sent += RECORDS);
      taken(id).close();
      produce(sent, sent += RECORDS);
      start(List.of(id));
    }

    for (int partition = 0; partition < PARTITIONS; partition++) {
      Path log = Path.of("copied-" + partition, "00000000000000000000.log");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            byte[] first = Files.readAllBytes(directory.resolve("node1").resolve(log));
            assertArrayEquals(first, Files.readAllBytes(directory.resolve("node2").resolve(log)));
            assertArrayEquals(first, Files.readAllBytes(directory.resolve("node3").resolve(log)));
          });
    }
    assertEquals(IntStream.range(0, sent).boxed().toList(), consumeAll(sent));
  }

  @Test
  void aLeaderThatStopsLeavesNoRecordThatAnyNodeHasToCut() throws Exception {
    start(List.of(1, 2, 3));
    createTopic(1, "copied", 3);
    AtomicBoolean stopping = new AtomicBoolean();
    CompletableFuture<Integer> written = new CompletableFuture<>();
    Thread.ofPlatform().start(() -> writeUntil(stopping, written));
    await().atMost(PATIENCE).until(() -> committedAt(2) > RECORDS);

    taken(1).close();

    long then = committedAt(2);
    await().atMost(PATIENCE).until(() -> committedAt(2) > then + RECORDS);
    stopping.set(true);
    int sent = written.get();
    assertEquals(IntStream.range(0, sent).boxed().toList(), consumeAll(sent));
    registries.forEach((id, registry) ->
        assertEquals(
            0, registry.counter("penstock.follower.truncations").getCount(), "node " + id));
  }

  /**
   * So many at a time that the broker has always some to take in, and replicas are not far behind.
   */
  private void writeUntil(AtomicBoolean stopping, CompletableFuture<Integer> written) {
    Map<String, Object> settings = Map.of("bootstrap.servers", everyNode(), "acks", "all");
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

  private String everyNode() {
    return clientPorts.values().stream().map(port -> "127.0.0.1:" + port).collect(joining(","));
  }

  /** Returns when all in-sync replicas have the records. */
  private void produce(int from, int to) throws ExecutionException, InterruptedException {
    Map<String, Object> settings = Map.of("bootstrap.servers", everyNode(), "acks", "all");
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
        Map.of("bootstrap.servers", everyNode(), "auto.offset.reset", "earliest");
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

  @Test
  void aNodeIdInUseIsRefusedWithBothPlaces() throws Exception {
    start(List.of(1, 2, 3));
    peerPorts.put(1, peerPorts.get(4));
    clientPorts.put(1, clientPorts.get(4));
    String voters = "cluster: {join: ['127.0.0.1:%d']}\n".formatted(peerPorts.get(2));
    String yaml =
        "node: {id: 1}\n"
            + voters
            + "data: {directories: ['%s']}\n".formatted(directory.resolve("other"))
            + "listener: {address: '127.0.0.1:%d'}\n".formatted(clientPorts.get(4))
            + "peer: {address: '127.0.0.1:%d'}\n".formatted(peerPorts.get(4));
    Node twin = node("twin.yaml", yaml);

    NodeStartException refused = assertThrows(NodeStartException.class, twin::start);

    assertTrue(
        String.valueOf(refused.getMessage()).contains("node id 1 is used by two processes"),
        refused.getMessage());
  }

  private Node taken(int id) {
    return Objects.requireNonNull(nodes.remove(id));
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Each on a thread of its own, since voters wait for each other. */
  private void start(List<Integer> ids) {
    List<CompletableFuture<Void>> started = new ArrayList<>();
    for (int id : ids) {
      Node node = node(id);
      nodes.put(id, node);
      CompletableFuture<Void> done = new CompletableFuture<>();
      started.add(done);
      Thread.ofPlatform()
          .name("start-" + id)
          .start(() -> {
            try {
              node.start();
              done.complete(null);
            } catch (NodeStartException | RuntimeException e) {
              done.completeExceptionally(e);
            }
          });
    }
    try {
      CompletableFuture.allOf(started.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private Node node(int id) {
    String yaml =
        """
        node: {id: %d}
        cluster: {voters: ['1@127.0.0.1:%d', '2@127.0.0.1:%d', '3@127.0.0.1:%d']}
        data: {directories: ['%s']}
        listener: {address: '127.0.0.1:%d'}
        peer: {address: '127.0.0.1:%d'}
        """
            .formatted(
                id,
                peerPorts.get(1),
                peerPorts.get(2),
                peerPorts.get(3),
                directory.resolve("node" + id),
                clientPorts.get(id),
                peerPorts.get(id));
    return node("node" + id + ".yaml", yaml);
  }

  private Node node(String name, String yaml) {
    MetricRegistry registry = new MetricRegistry();
    registries.put(name, registry);
    try {
      return new Node(
          NodeConfigReader.parse(name, yaml),
          registry,
          (reason, cause) -> {
            throw new AssertionError(reason, cause);
          },
          _ -> {});
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }

  private Admin admin(int id) {
    return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + clientPorts.get(id)));
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
