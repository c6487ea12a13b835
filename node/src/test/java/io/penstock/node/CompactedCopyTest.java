package io.penstock.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private NodesInProcess nodes;

  @BeforeEach
  void choosePorts() throws IOException {
    nodes = new NodesInProcess(directory, "cleaner: {check: 100ms}");
  }

  @AfterEach
  void closeNodes() throws IOException {
    nodes.close();
  }

  @Test
  void everyReplicaIsCleanedAndAnEmptyOneCopiesWhatIsLeftToTheEnd() throws Exception {
    nodes.start(List.of(1, 2, 3));
    createCompacted();
    update(5_000);
    for (int id = 1; id <= 3; id++) {
      int node = id;
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertTrue(segmentBytes(node) < SMALL_BYTES, "node " + node));
    }

    nodes.stop(3);
    nodes.wipe(3);
    nodes.start(List.of(3));

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
    try (Stream<Path> files = Files.list(nodes.directory(id).resolve("c-0"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  private Map<String, Object> client() {
    return new HashMap<>(Map.of("bootstrap.servers", nodes.bootstrap()));
  }
}
