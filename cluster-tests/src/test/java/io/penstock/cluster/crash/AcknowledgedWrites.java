package io.penstock.cluster.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.Offsets;
import io.penstock.cluster.process.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A recorded workload: numbered records, what was acknowledged of them and where, and the check
 * that a log holds them. Each run is an idempotent producer of its own; a record whose ack never
 * came may be there or not, but not twice.
 */
final class AcknowledgedWrites {
  private static final int VALUE_BYTES = 400;

  private final String topic;
  private final List<ConcurrentSkipListMap<Long, Long>> numberByOffset = new ArrayList<>();
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();

  AcknowledgedWrites(String topic, int partitions) {
    this.topic = topic;
    for (int partition = 0; partition < partitions; partition++) {
      numberByOffset.add(new ConcurrentSkipListMap<>());
    }
  }

  long acknowledged() {
    return acknowledged.get();
  }

  /** Starts to produce; the run goes on until it is closed. */
  Run produceTo(String bootstrap) {
    return new Run(bootstrap);
  }

  /** Reads the whole log and holds it against what was acknowledged. */
  void verify(String bootstrap, String where) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("auto.offset.reset", "none");
    settings.put("default.api.timeout.ms", "20000");
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      for (int partition = 0; partition < numberByOffset.size(); partition++) {
        verify(consumer, new TopicPartition(topic, partition), where);
      }
    }
  }

  private void verify(
      KafkaConsumer<String, String> consumer, TopicPartition partition, String where) {
    ConcurrentSkipListMap<Long, Long> expected = numberByOffset.get(partition.partition());
    consumer.assign(List.of(partition));
    long end = Offsets.latest(consumer, partition);
    long lastAcknowledged = expected.isEmpty() ? -1 : expected.lastKey();
    assertTrue(
        end > lastAcknowledged, where + ": acknowledged " + lastAcknowledged + ", end " + end);
    consumer.seekToBeginning(List.of(partition));
    long offset = 0;
    long previousNumber = -1;
    int idlePolls = 0;
    while (offset < end && idlePolls < 100) {
      idlePolls++;
      for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
        idlePolls = 0;
        String at = where + " " + partition + " offset " + record.offset();
        assertEquals(offset, record.offset(), at);
        long number = Long.parseLong(record.key());
        assertTrue(record.value().startsWith(number + " "), at + ": another value");
        assertTrue(number > previousNumber, at + ": " + number + " after " + previousNumber);
        Long acked = expected.get(offset);
        assertTrue(acked == null || acked == number, at + ": " + number + " for " + acked);
        previousNumber = number;
        offset++;
      }
    }
    assertEquals(end, offset, where + " " + partition + ": not all could be read");
  }

  /** One producer and the thread that feeds it. */
  final class Run implements AutoCloseable {
    private final KafkaProducer<String, String> producer;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final Thread feeder;

    Run(String bootstrap) {
      Properties settings = new Properties();
      settings.put("bootstrap.servers", bootstrap);
      settings.put("acks", "all");
      settings.put("linger.ms", "1");
      settings.put("max.block.ms", "2000");
      settings.put("request.timeout.ms", "1000");
      settings.put("delivery.timeout.ms", "2000");
      producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
      feeder = Thread.ofPlatform().name("feeder").start(this::feed);
    }

    private void feed() {
      while (running.get()) {
        long number = next.getAndIncrement();
        int partition = (int) (number % numberByOffset.size());
        String value = number + " " + "v".repeat(VALUE_BYTES);
        Future<RecordMetadata> _ =
            producer.send(
                new ProducerRecord<>(topic, partition, Long.toString(number), value),
                (ack, failure) -> onAck(number, ack, failure));
      }
    }

    private void onAck(long number, RecordMetadata ack, @Nullable Exception failure) {
      if (failure == null) {
        numberByOffset.get(ack.partition()).put(ack.offset(), number);
        acknowledged.incrementAndGet();
      }
    }

    void awaitAcknowledged(long count) {
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.get() >= count);
    }

    @Override
    public void close() {
      running.set(false);
      producer.close(Duration.ofMillis(500));
      Threads.join(feeder);
    }
  }
}
