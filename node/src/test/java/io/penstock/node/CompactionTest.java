package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.NodeConfigReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compacted topics of a whole node, used by Kafka's own clients. */
@Timeout(180)
class CompactionTest {
  @TempDir private Path directory;
  private Node node;

  @BeforeEach
  void start() throws Exception {
    String yaml =
        "data: {directories: ['"
            + directory
            + "']}\nlistener: {address: '127.0.0.1:0'}\ncleaner: {check: 100ms}\n";
    node =
        new Node(
            NodeConfigReader.parse("test", yaml).onAnyPeerPort(),
            new MetricRegistry(),
            (reason, cause) -> {
              throw new AssertionError(reason, cause);
            },
            _ -> {});
    node.start();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void aCompactedTopicEndsWithTheLastValueOfEachKeyInOrder(String codec) throws Exception {
    create(codec, Map.of("cleanup.policy", "compact"));
    Map<String, Long> last = new LinkedHashMap<>();
    Map<String, String> values = new LinkedHashMap<>();
    Random random = new Random(codec.hashCode());
    try (KafkaProducer<String, String> producer = producer(codec)) {
      for (int i = 0; i < 20_000; i++) {
        String key = "key-" + random.nextInt(500);
        Future<?> _ = producer.send(new ProducerRecord<>(codec, 0, key, "value-" + i));
        last.remove(key);
        last.put(key, (long) i);
        values.put(key, "value-" + i);
      }
      producer.flush();
      rollBySegmentMs(producer, codec);
    }

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          List<ConsumerRecord<String, String>> read = readKeys(codec);
          assertEquals(last.size(), read.size(), "records");
          assertEquals(
              List.copyOf(last.values()), read.stream().map(ConsumerRecord::offset).toList());
          read.forEach(record -> assertEquals(values.get(record.key()), record.value()));
        });
  }

  @Test
  void refusesARecordWithoutAKey() throws Exception {
    create("keyed", Map.of("cleanup.policy", "compact,delete"));
    try (KafkaProducer<String, String> producer = producer("none")) {
      ExecutionException refused =
          assertThrows(
              ExecutionException.class,
              () -> producer.send(new ProducerRecord<>("keyed", 0, null, "v")).get());

      assertInstanceOf(InvalidRecordException.class, refused.getCause());
      assertTrue(String.valueOf(refused.getMessage()).contains("without key"), "" + refused);
    }
  }

  private void create(String topic, Map<String, String> own) throws Exception {
    Map<String, String> configs = new LinkedHashMap<>(own);
    configs.put("segment.ms", "500");
    configs.put("segment.bytes", "1048576");
    configs.put("min.cleanable.dirty.ratio", "0.01");
    configs.put("delete.retention.ms", "0");
    try (Admin admin = Admin.create(client())) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs))).all().get();
    }
  }

  /** The cleaner rolls an active segment that is old by itself; this makes it old. */
  private static void rollBySegmentMs(KafkaProducer<String, String> producer, String topic)
      throws Exception {
    producer.send(new ProducerRecord<>(topic, 0, "end", "of it")).get();
  }

  private List<ConsumerRecord<String, String>> readKeys(String topic) {
    List<ConsumerRecord<String, String>> all = new ArrayList<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(client(), new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> {
              if (!record.key().equals("end")) {
                all.add(record);
              }
            });
      }
    }
    return all;
  }

  private KafkaProducer<String, String> producer(String codec) {
    Map<String, Object> config = client();
    config.put("compression.type", codec);
    config.put("linger.ms", 5);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  private Map<String, Object> client() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("bootstrap.servers", node.bootstrap().orElseThrow().toString());
    config.put("check.crcs", true);
    return config;
  }
}
