package io.penstock.cluster.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.cluster.process.Offsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A program of its own, so that one compiled class runs with several versions of kafka-clients: for
 * each codec it creates a topic, produces records with keys, headers and tombstones, and reads them
 * back from the earliest offset, an offset, a timestamp and the end. Ends with 0 only when every
 * record came back equal.
 */
public final class ClientRoundTrip {
  private static final int RECORDS = 500;
  private static final int PARTITIONS = 3;
  private static final long FIRST_TIMESTAMP_MS = 1_700_000_000_000L;
  private static final long PATIENCE_MS = 30_000;

  private final String bootstrap;
  private final String prefix;

  private ClientRoundTrip(String bootstrap, String prefix) {
    this.bootstrap = bootstrap;
    this.prefix = prefix;
  }

  /** Arguments: bootstrap address, a prefix for topic names, a seed. */
  public static void main(String[] arguments) throws Exception {
    ClientRoundTrip roundTrip = new ClientRoundTrip(arguments[0], arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      roundTrip.check(codec, true, new Random(seed));
      roundTrip.check(codec, false, new Random(seed + 1));
    }
    print("all equal, seed " + seed);
  }

  private void check(String codec, boolean idempotent, Random random) throws Exception {
    String topic = prefix + "-" + codec + (idempotent ? "-idempotent" : "");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
      require(admin.listTopics().names().get().contains(topic), topic + " is not listed");
    }
    List<List<ProducerRecord<byte[], byte[]>>> sent = records(topic, random);
    produce(codec, idempotent, sent);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        verify(consumer, new TopicPartition(topic, partition), sent.get(partition));
      }
    }
    print(topic + ": " + RECORDS * PARTITIONS + " records equal");
  }

  private static List<List<ProducerRecord<byte[], byte[]>>> records(String topic, Random random) {
    List<List<ProducerRecord<byte[], byte[]>>> all = new ArrayList<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (int i = 0; i < RECORDS; i++) {
        byte[] key = i % 7 == 0 ? null : ("key-" + random.nextInt(50)).getBytes(UTF_8);
        byte[] value = i % 11 == 0 ? null : bytes(random, random.nextInt(3000));
        var record =
            new ProducerRecord<>(topic, partition, FIRST_TIMESTAMP_MS + i * 1000L, key, value);
        if (i % 3 == 0) {
          record.headers().add("trace", bytes(random, 16)).add("empty", new byte[0]);
          record.headers().add("absent", null);
        }
        records.add(record);
      }
      all.add(records);
    }
    return all;
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    Arrays.fill(bytes, 0, length / 2, (byte) 'x'); // half of it compresses
    return bytes;
  }

  private void produce(
      String codec, boolean idempotent, List<List<ProducerRecord<byte[], byte[]>>> records)
      throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("compression.type", codec);
    settings.put("enable.idempotence", Boolean.toString(idempotent));
    settings.put("acks", idempotent ? "all" : "1");
    settings.put("linger.ms", "2");
    settings.put("max.in.flight.requests.per.connection", idempotent ? "5" : "1"); // keeps order
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> acks = new ArrayList<>();
      for (int i = 0; i < RECORDS; i++) {
        for (List<ProducerRecord<byte[], byte[]>> partition : records) {
          acks.add(producer.send(partition.get(i)));
        }
      }
      for (int i = 0; i < acks.size(); i++) {
        long offset = acks.get(i).get().offset();
        require(offset == i / PARTITIONS, "record " + i + " was acknowledged at offset " + offset);
      }
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("auto.offset.reset", "none");
    settings.put("max.partition.fetch.bytes", "100000");
    settings.put("fetch.max.wait.ms", "20"); // requests behind a parked fetch wait for it
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static void verify(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      List<ProducerRecord<byte[], byte[]>> sent) {
    List<TopicPartition> only = List.of(partition);
    consumer.assign(only);
    int middle = RECORDS / 2;

    require(Offsets.earliest(consumer, partition) == 0, "the earliest offset is not 0");
    require(Offsets.latest(consumer, partition) == RECORDS, "the latest offset is not " + RECORDS);
    readFrom(consumer, c -> c.seekToBeginning(only), sent);
    readFrom(consumer, c -> c.seek(partition, middle), sent.subList(middle, RECORDS));

    long between = FIRST_TIMESTAMP_MS + middle * 1000L - 400;
    OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, between)).get(partition);
    require(found != null && found.offset() == middle, "offset by timestamp is " + found);
    long never = FIRST_TIMESTAMP_MS + RECORDS * 1000L;
    require(
        consumer.offsetsForTimes(Map.of(partition, never)).get(partition) == null,
        "a timestamp after the last record has an offset");

    consumer.seekToEnd(only);
    require(consumer.position(partition) == RECORDS, "the end is not at " + RECORDS);
    require(consumer.poll(Duration.ofMillis(50)).isEmpty(), "there are records after the end");
  }

  private static void readFrom(
      KafkaConsumer<byte[], byte[]> consumer,
      Consumer<KafkaConsumer<byte[], byte[]>> seek,
      List<ProducerRecord<byte[], byte[]>> expected) {
    seek.accept(consumer);
    int read = 0;
    long deadline = System.currentTimeMillis() + PATIENCE_MS;
    while (read < expected.size() && System.currentTimeMillis() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        require(read < expected.size(), "more records than were sent");
        requireEqual(expected.get(read), record);
        read++;
      }
    }
    require(read == expected.size(), "read " + read + " of " + expected.size() + " records");
  }

  private static void requireEqual(
      ProducerRecord<byte[], byte[]> sent, ConsumerRecord<byte[], byte[]> read) {
    String where = read.topic() + "-" + read.partition() + " offset " + read.offset();
    require(Arrays.equals(sent.key(), read.key()), "another key at " + where);
    require(Arrays.equals(sent.value(), read.value()), "another value at " + where);
    require(sent.timestamp() == read.timestamp(), "another timestamp at " + where);
    require(sent.headers().equals(read.headers()), "other headers at " + where);
  }

  private static void require(boolean holds, @Nullable String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  @SuppressWarnings("SystemOut") // a program's output
  private static void print(String line) {
    System.out.println(line);
  }
}
