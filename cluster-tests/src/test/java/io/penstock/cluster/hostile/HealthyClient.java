package io.penstock.cluster.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.cluster.process.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Produces numbered records without retries and consumes them, one after another, in a thread of
 * its own, until it is closed. The first thing that goes wrong for it is kept and fails the test.
 */
final class HealthyClient implements AutoCloseable {
  private final String bootstrap;
  private final TopicPartition partition;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLong rounds = new AtomicLong();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final Thread thread;

  HealthyClient(String bootstrap, String topic) throws Exception {
    this.bootstrap = bootstrap;
    this.partition = new TopicPartition(topic, 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    thread = Thread.ofPlatform().name("healthy-client").start(this::work);
  }

  private void work() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("retries", "0");
    settings.put("enable.idempotence", "false");
    settings.put("acks", "all");
    settings.put("request.timeout.ms", "10000");
    settings.put("delivery.timeout.ms", "10000");
    settings.put("linger.ms", "0");
    try (var producer = new KafkaProducer<>(settings, new LongSerializer(), new LongSerializer());
        var consumer =
            new KafkaConsumer<>(settings, new LongDeserializer(), new LongDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (running.get()) {
        round(producer, consumer, rounds.get());
        rounds.incrementAndGet();
      }
    } catch (Exception broken) {
      failure.compareAndSet(null, broken);
    } catch (AssertionError broken) {
      failure.compareAndSet(null, new IllegalStateException(broken));
    }
  }

  private void round(
      KafkaProducer<Long, Long> producer, KafkaConsumer<Long, Long> consumer, long number)
      throws Exception {
    var record = new ProducerRecord<>(partition.topic(), 0, number, number * 31);
    long offset = producer.send(record).get(10, TimeUnit.SECONDS).offset();
    assertEquals(number, offset, "offset of the ack");
    long read = 0;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (read == 0 && System.nanoTime() < deadline) {
      for (ConsumerRecord<Long, Long> received : consumer.poll(Duration.ofMillis(500))) {
        assertEquals(number, received.offset(), "offset of the record read");
        assertEquals(number * 31, received.value(), "value of the record read");
        read++;
      }
    }
    assertEquals(1, read, "records read after one was written");
  }

  /** Waits until the client has done this many more rounds, and fails if it met an error. */
  void awaitRounds(long more) {
    long wanted = rounds.get() + more;
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> rounds.get() >= wanted || failure.get() != null);
    assertHealthy();
  }

  void assertHealthy() {
    Exception met = failure.get();
    assertNull(met, () -> "the healthy client met an error: " + met);
  }

  @Override
  public void close() {
    running.set(false);
    Threads.join(thread);
  }
}
