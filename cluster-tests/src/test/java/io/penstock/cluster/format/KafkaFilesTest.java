package io.penstock.cluster.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.BrokerProcess;
import io.penstock.cluster.process.Distribution;
import io.penstock.cluster.process.KafkaTools;
import io.penstock.cluster.process.Offsets;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both directions: Kafka's log tool on our directory, and our broker on Kafka's directory. */
@Timeout(300)
class KafkaFilesTest {
  private static final String LOG_TOOL = "org.apache.kafka.tools.DumpLogSegments";
  private static final String TOPIC = "files";
  private static final int RECORDS = 20_000;
  private static final int SEGMENT_BYTES = 1 << 20;

  @Test
  void kafkasLogToolReadsOurDirectory() throws Exception {
    Path data = Distribution.scratch("dump-log").resolve("data");
    try (BrokerProcess broker = BrokerProcess.start(data)) {
      writeTo(broker.bootstrap());
      assertEquals(0, broker.stop(), broker::log);
    }

    List<Path> files = files(data);
    assertTrue(files.stream().filter(file -> file.toString().endsWith(".log")).count() > 1);
    assertTrue(files.stream().anyMatch(file -> file.toString().endsWith(".index")));
    assertTrue(files.stream().anyMatch(file -> file.toString().endsWith(".timeindex")));
    assertTrue(files.stream().anyMatch(file -> file.toString().endsWith(".snapshot")));
    try (KafkaTools tools = KafkaTools.open()) {
      for (Path file : files) {
        String dump = tools.run(LOG_TOOL, "--deep-iteration", "--files", file.toString());
        assertTrue(dump.contains("Dumping "), () -> file + "\n" + dump);
        assertFalse(dump.contains("isvalid: false"), () -> file + "\n" + dump);
        assertFalse(dump.contains("Mismatches"), () -> file + "\n" + dump);
        assertFalse(dump.contains("Found "), () -> file + "\n" + dump);
      }
    }
  }

  @Test
  void opensAndServesADirectoryOfKafka() throws Exception {
    Path data = Distribution.scratch("takeover").resolve("data");
    try (Kafka kafka = Kafka.start(data)) {
      writeTo(kafka.bootstrap());
    }
    try (BrokerProcess broker = BrokerProcess.start(data, 0, "--adopt-kafka-data")) {
      assertEquals(values(), read(broker.bootstrap()), broker::log);
      writeTo(broker.bootstrap());
      List<String> twice = new ArrayList<>(values());
      twice.addAll(values());
      assertEquals(twice, read(broker.bootstrap()), broker::log);
    }
  }

  private static List<Path> files(Path data) throws IOException {
    try (Stream<Path> list = Files.list(data.resolve(TOPIC + "-0"))) {
      return list.filter(
              file -> file.toString().matches(".*\\.(log|index|timeindex|snapshot|txnindex)"))
          .sorted()
          .toList();
    }
  }

  /** Values that hardly compress, so that they fill several segments. */
  private static List<String> values() {
    return IntStream.range(0, RECORDS)
        .mapToObj(i -> i + " " + new BigInteger(600, new Random(i)).toString(36))
        .toList();
  }

  private static void writeTo(String bootstrap) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      if (!admin.listTopics().names().get().contains(TOPIC)) {
        NewTopic topic = new NewTopic(TOPIC, 1, (short) 1);
        topic.configs(Map.of("segment.bytes", Integer.toString(SEGMENT_BYTES)));
        admin.createTopics(List.of(topic)).all().get();
      }
    }
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("compression.type", "lz4");
    settings.put("batch.size", "1000");
    List<Exception> failures = new ArrayList<>();
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (String value : values()) {
        String key = Integer.toString(value.hashCode());
        Future<RecordMetadata> _ =
            producer.send(
                new ProducerRecord<>(TOPIC, 0, key, value),
                (ack, failure) -> {
                  if (failure != null) {
                    failures.add(failure);
                  }
                });
      }
    }
    assertEquals(List.of(), failures);
  }

  private static List<String> read(String bootstrap) {
    List<String> values = new ArrayList<>();
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("auto.offset.reset", "none");
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = Offsets.latest(consumer, partition);
      for (int idle = 0; idle < 30 && consumer.position(partition) < end; idle++) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
          values.add(record.value());
          idle = 0;
        }
      }
    }
    return values;
  }
}
