package io.penstock.cluster.history;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * One idempotent producer that sends at a steady rate to all partitions in turn, whether acks come
 * or not, from a thread of its own.
 */
final class Writer {
  private static final String IMPATIENT_MS = "1500";

  private final int id;
  private final Load load;
  private final List<TopicPartition> partitions;
  private final History history;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread feeder;
  private volatile boolean running = true;

  Writer(int id, String bootstrap, Load load, History history) {
    this.id = id;
    this.load = load;
    this.partitions = load.topicPartitions();
    this.history = history;
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    settings.put("client.id", "writer-" + id);
    if (load.isImpatient(id)) {
      settings.put("request.timeout.ms", IMPATIENT_MS);
    }
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    this.feeder = Thread.ofPlatform().name("writer-" + id).unstarted(this::feed);
  }

  void start() {
    feeder.start();
  }

  private void feed() {
    long stepNs = 1_000_000_000L * load.writers() / load.recordsPerSecond();
    long dueNs = System.nanoTime() + stepNs * id / load.writers();
    for (int turn = id; running; turn++) {
      dueNs += stepNs;
      for (long left = dueNs - System.nanoTime(); left > 0 && running; ) {
        LockSupport.parkNanos(left);
        left = dueNs - System.nanoTime();
      }
      send(partitions.get(turn % partitions.size()));
    }
  }

  private void send(TopicPartition to) {
    RecordId record = history.next(to, id);
    byte[] value = history.value(record);
    Future<RecordMetadata> _ =
        producer.send(
            new ProducerRecord<>(to.topic(), to.partition(), null, value),
            (ack, failure) -> {
              if (failure == null) {
                history.acked(record, ack.hasOffset() ? ack.offset() : -1, System.nanoTime());
              } else {
                history.failed(record, failure.getClass().getSimpleName());
              }
            });
  }

  /** Sends nothing any more; does not wait. */
  void stopSending() {
    running = false;
    LockSupport.unpark(feeder);
  }

  /** Waits until each record is acknowledged or has failed. */
  void end(Duration patience) {
    stopSending();
    Waiting.join(feeder);
    producer.close(patience);
  }
}
