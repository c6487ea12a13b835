package io.penstock.cluster.group;

import io.penstock.cluster.history.Waiting;
import io.penstock.cluster.process.Threads;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes a record to each partition of a topic again and again, on a thread of its own. */
final class Feeder implements AutoCloseable {
  private static final Duration BETWEEN = Duration.ofMillis(50);

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final int partitions;
  private final Thread thread;
  private volatile boolean stopping;

  private Feeder(String bootstrap, String topic, int partitions) {
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", bootstrap,
                "request.timeout.ms", "10000",
                "retry.backoff.max.ms", "200",
                "reconnect.backoff.max.ms", "200"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.topic = topic;
    this.partitions = partitions;
    this.thread = Thread.ofPlatform().name("feeder").daemon().unstarted(this::run);
  }

  static Feeder start(String bootstrap, String topic, int partitions) {
    Feeder feeder = new Feeder(bootstrap, topic, partitions);
    feeder.thread.start();
    return feeder;
  }

  private void run() {
    while (!stopping) {
      for (int partition = 0; partition < partitions; partition++) {
        // What cannot be written nobody has to read: it is for `replication` to find out.
        Future<RecordMetadata> _ =
            producer.send(new ProducerRecord<>(topic, partition, null, new byte[10]));
      }
      Waiting.goBy(BETWEEN);
    }
    producer.flush();
  }

  /** Ends when everything is written. */
  @Override
  public void close() {
    stopping = true;
    Threads.join(thread);
    producer.close();
  }
}
