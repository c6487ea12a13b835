package io.penstock.cluster.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How fast records are acknowledged by a topic with {@code flush.messages=1}: so many producers,
 * each of which sends a record of 1 KiB when the one before is acknowledged. Prints acks per second
 * and how long one took.
 *
 * <pre>
 * FlushedAcks BOOTSTRAP PRODUCERS PARTITIONS ACKS SECONDS
 * </pre>
 */
public final class FlushedAcks {
  private static final int RECORD_BYTES = 1024;
  private static final long WARM_UP_NANOS = 3_000_000_000L;

  private FlushedAcks() {}

  /** Runs one measurement on a topic of its own. */
  public static void main(String[] arguments) throws Exception {
    String bootstrap = arguments[0];
    int producers = Integer.parseInt(arguments[1]);
    int partitions = Integer.parseInt(arguments[2]);
    String acks = arguments[3];
    long nanos = Long.parseLong(arguments[4]) * 1_000_000_000L;
    String topic = "flushed-" + Long.toHexString(System.nanoTime());
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      NewTopic wanted = new NewTopic(topic, partitions, (short) 1);
      admin.createTopics(List.of(wanted.configs(Map.of("flush.messages", "1")))).all().get();
    }
    long start = System.nanoTime() + WARM_UP_NANOS;
    List<Sender> senders = new ArrayList<>();
    for (int i = 0; i < producers; i++) {
      senders.add(new Sender(bootstrap, acks, topic, i % partitions, start, start + nanos));
    }
    for (Sender sender : senders) {
      sender.thread.join();
    }
    long[] took = senders.stream().flatMapToLong(Sender::took).sorted().toArray();
    Output.print(
        "producers=%d partitions=%d acks=%s: %d acks/s, ms p50 %.2f p99 %.2f max %.1f"
            .formatted(
                producers,
                partitions,
                acks,
                took.length * 1_000_000_000L / nanos,
                took[took.length / 2] / 1e6,
                took[took.length * 99 / 100] / 1e6,
                took[took.length - 1] / 1e6));
  }

  /** One producer in a thread of its own. */
  private static final class Sender {
    private final Properties settings = new Properties();
    private final String topic;
    private final int partition;
    private final long start;
    private final long end;
    private final Thread thread;
    private long[] took = new long[1 << 12];
    private int count;

    Sender(String bootstrap, String acks, String topic, int partition, long start, long end) {
      settings.put("bootstrap.servers", bootstrap);
      settings.put("acks", acks);
      settings.put("enable.idempotence", Boolean.toString("all".equals(acks)));
      settings.put("linger.ms", "0");
      this.topic = topic;
      this.partition = partition;
      this.start = start;
      this.end = end;
      this.thread = Thread.ofPlatform().start(this::run);
    }

    private void run() {
      byte[] value = new byte[RECORD_BYTES];
      new Random(partition).nextBytes(value);
      try (var producer =
          new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
        long before = System.nanoTime();
        while (before < end) {
          producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
          long now = System.nanoTime();
          if (before >= start) {
            took = count == took.length ? Arrays.copyOf(took, count * 2) : took;
            took[count++] = now - before;
          }
          before = now;
        }
      } catch (Exception failure) {
        throw new IllegalStateException("a record was not acknowledged", failure);
      }
    }

    private LongStream took() {
      return Arrays.stream(took, 0, count);
    }
  }
}
