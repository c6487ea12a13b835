package io.penstock.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in this process, one of which was away and takes back what it has missed. */
@Timeout(180)
class CatchUpRateTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long RATE = 1 << 20;
  private static final int VALUE_BYTES = 64 << 10;
  private static final int MISSED = 128;

  /**
   * The bucket of one second, and what two leaders were asked for before the first has answered.
   */
  private static final long BURST_BYTES = 3 * RATE;

  @TempDir private Path directory;
  private NodesInProcess nodes;

  @BeforeEach
  void choosePorts() throws IOException {
    nodes = new NodesInProcess(directory, "replication: {catch-up-rate: 1MiB}");
  }

  @AfterEach
  void closeNodes() throws IOException {
    nodes.close();
  }

  @Test
  void aReplicaThatWasAwayCatchesUpAtTheRateWhileTheOthersGoOn() throws Exception {
    nodes.start(List.of(1, 2, 3));
    create("missed");
    nodes.stop(3);
    produce("missed", MISSED);

    nodes.start(List.of(3));
    long beganNs = System.nanoTime();
    long before = caughtUpBytes();
    create("fresh");
    produce("fresh", 20);

    // What is in sync is copied beside it, and not at the rate.
    await().atMost(PATIENCE).untilAsserted(() -> assertEquals(Set.of(1, 2, 3), inSync("fresh")));
    assertEquals(Set.of(1, 2), inSync("missed"));
    await()
        .atMost(PATIENCE)
        .until(() -> {
          long taken = caughtUpBytes() - before; // first: the time may only be too long
          double seconds = (System.nanoTime() - beganNs) / 1e9;
          assertTrue(taken <= RATE * seconds + BURST_BYTES, taken + " bytes in " + seconds + " s");
          return inSync("missed").size() == 3;
        });
    assertTrue(caughtUpBytes() >= (long) MISSED * VALUE_BYTES);
    Path log = Path.of("missed-0", "00000000000000000000.log");
    assertArrayEquals(
        Files.readAllBytes(nodes.directory(1).resolve(log)),
        Files.readAllBytes(nodes.directory(3).resolve(log)));
  }

  private long caughtUpBytes() {
    return nodes.counted("penstock.follower.catching-up.bytes");
  }

  private Map<String, Object> client() {
    return new HashMap<>(Map.of("bootstrap.servers", nodes.bootstrap(), "acks", "all"));
  }

  private void create(String topic) throws Exception {
    try (Admin admin = Admin.create(client())) {
      NewTopic wanted = new NewTopic(topic, Map.of(0, List.of(1, 2, 3)));
      admin.createTopics(List.of(wanted)).all().get();
    }
  }

  private void produce(String topic, int count) throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client(), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        sent.add(producer.send(new ProducerRecord<>(topic, new byte[VALUE_BYTES])));
      }
    }
    for (Future<?> each : sent) {
      each.get();
    }
  }

  private Set<Integer> inSync(String topic) throws Exception {
    try (Admin admin = Admin.create(client())) {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .values()
          .iterator()
          .next()
          .partitions()
          .getFirst()
          .isr()
          .stream()
          .map(org.apache.kafka.common.Node::id)
          .collect(Collectors.toSet());
    }
  }
}
