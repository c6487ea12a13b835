package io.penstock.cluster.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.cluster.process.BrokerProcess;
import io.penstock.cluster.process.Command;
import io.penstock.cluster.process.Distribution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A small file system fills up: produce is refused so that clients retry, and all else goes on. */
@Timeout(240)
class FullDiskTest {
  private static final String TOPIC = "filling";
  private static final int VALUE_BYTES = 64 << 10;

  @Test
  void refusesProduceServesFetchAndHealsWhenSpaceIsFreed() throws Exception {
    Path mount = Distribution.scratch("full-disk");
    assumeTrue(mount(mount), "mounting a small tmpfs needs root");
    try {
      Path ballast = mount.resolve("ballast");
      Files.write(ballast, new byte[32 << 20]);
      try (BrokerProcess broker = BrokerProcess.start(mount.resolve("data"));
          KafkaProducer<byte[], byte[]> producer = producer(broker.bootstrap())) {
        createTopic(broker.bootstrap());

        int stored = fill(producer);
        assertTrue(stored > 100, "stored " + stored);
        assertEquals(stored, readAll(broker.bootstrap(), stored), broker::log);

        Files.delete(ballast);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> sendOne(producer) == null);
        assertEquals(stored + 1, readAll(broker.bootstrap(), stored + 1), broker::log);
        assertTrue(broker.alive(), broker::log);
      }
    } finally {
      Command.run(30, "umount", "--lazy", mount.toString());
    }
  }

  private static boolean mount(Path at) {
    return Command.run(30, "mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", at.toString())
            .exitCode()
        == 0;
  }

  private static void createTopic(String bootstrap) throws Exception {
    NewTopic topic = new NewTopic(TOPIC, 1, (short) 1);
    topic.configs(Map.of("segment.bytes", Integer.toString(16 << 20)));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(topic)).all().get();
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(String bootstrap) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("acks", "1");
    settings.put("enable.idempotence", "false");
    settings.put("retries", "0");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Writes until the broker refuses; the number of records that were acknowledged. */
  private static int fill(KafkaProducer<byte[], byte[]> producer) throws InterruptedException {
    for (int stored = 0; stored < 10_000; stored++) {
      Throwable refusal = sendOne(producer);
      if (refusal != null) {
        assertInstanceOf(KafkaStorageException.class, refusal);
        return stored;
      }
    }
    throw new IllegalStateException("the disk never filled up");
  }

  private static @Nullable Throwable sendOne(KafkaProducer<byte[], byte[]> producer)
      throws InterruptedException {
    try {
      producer.send(new ProducerRecord<>(TOPIC, 0, null, new byte[VALUE_BYTES])).get();
      return null;
    } catch (ExecutionException refused) {
      return refused.getCause();
    }
  }

  private static int readAll(String bootstrap, int expected) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      int read = 0;
      for (int idle = 0; idle < 20 && read < expected; idle++) {
        int more = consumer.poll(Duration.ofMillis(500)).count();
        read += more;
        idle = more > 0 ? 0 : idle;
      }
      return read;
    }
  }
}
