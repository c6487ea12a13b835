package io.penstock.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.NodeConfigReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this process, each of which cleans its own replica of a compacted topic. */
@Timeout(180)
class CompactedCopyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SMALL_BYTES = 60_000;

  @TempDir private Path directory;
  private final Map<Integer, Integer> clientPorts = new HashMap<>();
  private final Map<Integer, Integer> peerPorts = new HashMap<>();
  private final Map<Integer, Node> nodes = new HashMap<>();

  @BeforeEach
  void choosePorts() throws IOException {
    List<ServerSocket> probes = new ArrayList<>();
    for (int id = 1; id <= 3; id++) {
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
  void everyReplicaIsCleanedAndAnEmptyOneCopiesWhatIsLeftToTheEnd() throws Exception {
    start(1, 2, 3);
    createCompacted();
    update(5_000);
    for (int id = 1; id <= 3; id++) {
      int node = id;
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertTrue(segmentBytes(node) < SMALL_BYTES, "node " + node));
    }

    Objects.requireNonNull(nodes.remove(3)).close();
    deleteTree(directory.resolve("node3"));
    start(3);

    await().atMost(PATIENCE).untilAsserted(() -> assertEquals(3, inSync()));
    assertTrue(segmentBytes(3) < SMALL_BYTES);
    update(10);
    await().atMost(PATIENCE).untilAsserted(() -> assertEquals(3, inSync()));
  }

  private void createCompacted() throws Exception {
    Map<String, String> settings =
        Map.of(
            "cleanup.policy", "compact",
            "segment.ms", "500",
            "min.cleanable.dirty.ratio", "0.01",
            "file.delete.delay.ms", "0");
    try (Admin admin = Admin.create(client())) {
      admin.createTopics(List.of(new NewTopic("c", 1, (short) 3).configs(settings))).all().get();
    }
  }

  private void update(int count) throws Exception {
    Map<String, Object> settings = client();
    settings.put("batch.size", 1_000);
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < count; i++) {
        sent.add(producer.send(new ProducerRecord<>("c", 0, "key-" + i % 100, "value-" + i)));
      }
    }
    for (Future<?> each : sent) {
      each.get();
    }
  }

  private int inSync() throws Exception {
    try (Admin admin = Admin.create(client())) {
      return admin
          .describeTopics(List.of("c"))
          .allTopicNames()
          .get()
          .values()
          .iterator()
          .next()
          .partitions()
          .getFirst()
          .isr()
          .size();
    }
  }

  /** Of the batches; room that is reserved behind the last ones does not count. */
  private long segmentBytes(int id) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("node" + id).resolve("c-0"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  private Map<String, Object> client() {
    List<String> servers =
        nodes.keySet().stream().map(id -> "127.0.0.1:" + clientPorts.get(id)).toList();
    return new HashMap<>(Map.of("bootstrap.servers", String.join(",", servers)));
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Each on a thread of its own, since voters wait for each other. */
  private void start(int... ids) throws Exception {
    List<CompletableFuture<Void>> started = new ArrayList<>();
    for (int id : ids) {
      Node node = node(id);
      nodes.put(id, node);
      started.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  node.start();
                } catch (NodeStartException e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> Thread.ofPlatform().name("start-" + id).start(task)));
    }
    CompletableFuture.allOf(started.toArray(CompletableFuture[]::new)).get();
  }

  private Node node(int id) throws Exception {
    String yaml =
        """
        node: {id: %d}
        cluster: {voters: ['1@127.0.0.1:%d', '2@127.0.0.1:%d', '3@127.0.0.1:%d']}
        data: {directories: ['%s']}
        listener: {address: '127.0.0.1:%d'}
        peer: {address: '127.0.0.1:%d'}
        cleaner: {check: 100ms}
        """
            .formatted(
                id,
                peerPorts.get(1),
                peerPorts.get(2),
                peerPorts.get(3),
                directory.resolve("node" + id),
                clientPorts.get(id),
                peerPorts.get(id));
    return new Node(
        NodeConfigReader.parse("node" + id + ".yaml", yaml),
        new MetricRegistry(),
        (reason, cause) -> {
          throw new AssertionError(reason, cause);
        },
        _ -> {});
  }
}
