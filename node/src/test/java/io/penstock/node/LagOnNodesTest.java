package io.penstock.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A group whose partitions are led by three nodes, of which one coordinates it. */
@Timeout(180)
class LagOnNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PARTITIONS = 6;
  private static final int RECORDS_EACH = 10;
  private static final long HOUR_MS = 3_600_000;
  private static final String RECORDS = "penstock.group.lag.records{group=\"g\"}";
  private static final String MS = "penstock.group.lag.ms{group=\"g\"}";

  @TempDir private Path directory;
  private NodesInProcess nodes;

  @BeforeEach
  void choosePorts() throws IOException {
    nodes = new NodesInProcess(directory, "groups: {lag-check: 1s}");
  }

  @AfterEach
  void closeNodes() throws IOException {
    nodes.close();
  }

  @Test
  void theCoordinatorAloneShowsTheLagInPartitionsThatAllLead() throws Exception {
    nodes.start(List.of(1, 2, 3));
    try (Admin admin = Admin.create(client())) {
      admin.createTopics(List.of(new NewTopic("read", PARTITIONS, (short) 1))).all().get();
      write(System.currentTimeMillis() - HOUR_MS);
      commit(admin, 4);

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertEquals(List.of(6L * PARTITIONS), nodes.shown(RECORDS)));
      long ms = (long) nodes.shown(MS).getFirst();
      assertTrue(ms >= HOUR_MS && ms < 2 * HOUR_MS, () -> ms + " ms");

      commit(admin, RECORDS_EACH);

      await().atMost(PATIENCE).untilAsserted(() -> assertEquals(List.of(0L), nodes.shown(RECORDS)));
      assertEquals(List.of(0L), nodes.shown(MS));
    }
  }

  private void write(long timeMs) throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(client(), new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < RECORDS_EACH * PARTITIONS; i++) {
        sent.add(producer.send(new ProducerRecord<>("read", i % PARTITIONS, timeMs, "k", "v")));
      }
    }
    for (Future<?> each : sent) {
      each.get();
    }
  }

  private static void commit(Admin admin, long offset) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (int i = 0; i < PARTITIONS; i++) {
      offsets.put(new TopicPartition("read", i), new OffsetAndMetadata(offset));
    }
    admin.alterConsumerGroupOffsets("g", offsets).all().get();
  }

  private Map<String, Object> client() {
    return Map.of("bootstrap.servers", nodes.bootstrap());
  }
}
