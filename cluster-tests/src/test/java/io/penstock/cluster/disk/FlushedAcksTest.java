package io.penstock.cluster.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.cluster.process.BrokerProcess;
import io.penstock.cluster.process.Command;
import io.penstock.cluster.process.Distribution;
import io.penstock.cluster.process.Offsets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A topic with {@code flush.messages=1}, and what its producers' acks have waited for. */
@Timeout(180)
class FlushedAcksTest {
  private static final TopicPartition PARTITION = new TopicPartition("flushed", 0);
  private static final int RECORDS = 100;

  @ParameterizedTest
  @ValueSource(strings = {"1", "all"})
  void acknowledgedRecordsAreThereAfterAKill(String acks) throws Exception {
    Path data = Distribution.scratch("flushed").resolve("data");
    int port;
    try (BrokerProcess broker = BrokerProcess.start(data)) {
      port = broker.port();
      createTopic(broker);
      produceOneByOne(broker, acks);
      broker.kill();
    }
    try (BrokerProcess broker = BrokerProcess.start(data, port)) {
      Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrap());
      try (var consumer =
          new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
        consumer.assign(List.of(PARTITION));
        assertEquals(RECORDS, Offsets.latest(consumer, PARTITION));
      }
      assertEquals(0, broker.stop(), broker::log);
    }
  }

  /** The kernel is asked for as many fsyncs as there were acks, since each waited for the last. */
  @Test
  void eachAckHasWaitedForAnFsync() throws Exception {
    assumeTrue(Command.exists("strace"), "no strace");
    Path scratch = Distribution.scratch("flushed");
    Path calls = scratch.resolve("calls");
    try (BrokerProcess broker = BrokerProcess.start(scratch.resolve("data"))) {
      createTopic(broker);
      Process tracer =
          new ProcessBuilder(
                  "strace",
                  "-f",
                  "-qq",
                  "-e",
                  "trace=fdatasync",
                  "-o",
                  calls.toString(),
                  "-p",
                  Long.toString(broker.pid()))
              .redirectErrorStream(true)
              .redirectOutput(scratch.resolve("strace.log").toFile())
              .start();
      try {
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> !tracer.isAlive() || isTraced(broker.pid()));
        assumeTrue(tracer.isAlive(), "strace may not look at the broker");
        produceOneByOne(broker, "1");
      } finally {
        tracer.destroy();
        assertTrue(tracer.waitFor(30, TimeUnit.SECONDS));
      }
    }
    long fsyncs =
        Files.readAllLines(calls).stream().filter(call -> call.contains("fdatasync(")).count();
    assertTrue(fsyncs >= RECORDS, fsyncs + " fsyncs for " + RECORDS + " acks");
  }

  private static boolean isTraced(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .anyMatch(line -> line.startsWith("TracerPid:") && !line.endsWith("\t0"));
  }

  private static void createTopic(BrokerProcess broker) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      NewTopic topic = new NewTopic(PARTITION.topic(), 1, (short) 1);
      admin.createTopics(List.of(topic.configs(Map.of("flush.messages", "1")))).all().get();
    }
  }

  private static void produceOneByOne(BrokerProcess broker, String acks) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", broker.bootstrap());
    settings.put("acks", acks);
    settings.put("enable.idempotence", "all".equals(acks));
    settings.put("linger.ms", "0");
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < RECORDS; i++) {
        long offset =
            producer.send(new ProducerRecord<>(PARTITION.topic(), 0, null, "r" + i)).get().offset();
        assertEquals(i, offset);
      }
    }
  }
}
