package io.penstock.cluster.bench;

import io.penstock.cluster.history.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Load by kafka-clients for the benchmark scripts. Each command prints one line of what it did and
 * how long that took:
 *
 * <pre>
 * produce BOOTSTRAP TOPIC MIB [PARTITIONS [RECORD_BYTES [BATCH_BYTES]]]
 *                                    writes MIB of records (1 KiB) to a topic of PARTITIONS (4)
 * drain BOOTSTRAP TOPIC CONSUMERS [PARTITIONS]
 *                                    each consumer reads the whole topic once
 * partitions BOOTSTRAP TOPIC COUNT [REPLICAS]
 *                                    creates a topic, waits until each partition has a leader
 * in-sync BOOTSTRAP TOPIC COUNT REPLICAS
 *                                    waits until each of its partitions has so many in sync
 * delete BOOTSTRAP TOPIC             deletes a topic
 * record-each BOOTSTRAP TOPIC COUNT  writes a record to each of its partitions, and says how long
 *                                    it took until all were acknowledged
 * first-ack BOOTSTRAP TOPIC START    polls until a record is acknowledged in each partition of the
 *                                    topic of 4; says how many ms after START that was, a reading
 *                                    of `date +%s%N`
 * </pre>
 */
public final class Load {
  private static final int PARTITIONS = 4;
  private static final int RECORD_BYTES = 1024;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final int BATCH_BYTES = 256 * 1024;

  private Load() {}

  /** Runs one command. */
  public static void main(String[] arguments) throws Exception {
    String bootstrap = arguments[1];
    String subject = arguments[2];
    switch (arguments[0]) {
      case "produce" -> produce(bootstrap, subject, arguments);
      case "drain" ->
          drain(
              bootstrap, subject, Integer.parseInt(arguments[3]), number(arguments, 4, PARTITIONS));
      case "partitions" ->
          partitions(bootstrap, subject, Integer.parseInt(arguments[3]), number(arguments, 4, 1));
      case "in-sync" ->
          inSync(
              bootstrap, subject, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
      case "delete" -> delete(bootstrap, subject);
      case "record-each" -> recordEach(bootstrap, subject, Integer.parseInt(arguments[3]));
      case "first-ack" -> firstAck(bootstrap, subject, Long.parseLong(arguments[3]));
      default -> throw new IllegalArgumentException("unknown command " + arguments[0]);
    }
  }

  private static int number(String[] arguments, int index, int otherwise) {
    return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
  }

  private static void produce(String bootstrap, String topic, String[] arguments) throws Exception {
    int mib = Integer.parseInt(arguments[3]);
    int partitions = number(arguments, 4, PARTITIONS);
    byte[] value = new byte[number(arguments, 5, RECORD_BYTES)];
    new Random(1).nextBytes(value);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      while (!created(admin, topic)) {
        Thread.onSpinWait();
      }
    }
    Properties settings = settings(bootstrap);
    settings.put("batch.size", Integer.toString(number(arguments, 6, BATCH_BYTES)));
    settings.put("linger.ms", "5");
    long records = mib * 1024L * 1024 / value.length;
    long start = System.nanoTime();
    Future<RecordMetadata> last = null;
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long i = 0; i < records; i++) {
        last = producer.send(new ProducerRecord<>(topic, (int) (i % partitions), null, value));
      }
    }
    if (last != null) {
      last.get();
    }
    Output.print("produced " + mib + " MiB in " + millisSince(start) + " ms");
  }

  private static void drain(String bootstrap, String topic, int consumers, int partitions)
      throws Exception {
    AtomicLong bytes = new AtomicLong();
    long start = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < consumers; i++) {
      threads.add(
          Thread.ofPlatform().start(() -> bytes.addAndGet(readAll(bootstrap, topic, partitions))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long mib = bytes.get() >> 20;
    Output.print(consumers + " consumers drained " + mib + " MiB in " + millisSince(start) + " ms");
  }

  private static long readAll(String bootstrap, String topic, int count) {
    Properties settings = settings(bootstrap);
    settings.put("max.partition.fetch.bytes", "1048576");
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int partition = 0; partition < count; partition++) {
        partitions.add(new TopicPartition(topic, partition));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long left = sum(consumer.endOffsets(partitions)) - sum(consumer.beginningOffsets(partitions));
      long bytes = 0;
      while (left > 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          bytes += record.serializedValueSize();
          left--;
        }
      }
      return bytes;
    }
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    ToLongFunction<Long> unboxed = Long::longValue;
    return offsets.values().stream().mapToLong(unboxed).sum();
  }

  private static void recordEach(String bootstrap, String topic, int count) throws Exception {
    Properties settings = settings(bootstrap);
    settings.put("acks", "all");
    long start = System.nanoTime();
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> acks = new ArrayList<>();
      for (int partition = 0; partition < count; partition++) {
        acks.add(producer.send(new ProducerRecord<>(topic, partition, null, new byte[100])));
      }
      for (Future<RecordMetadata> ack : acks) {
        ack.get();
      }
    }
    Output.print(
        "a record in each of " + count + " partitions after " + millisSince(start) + " ms");
  }

  private static void partitions(String bootstrap, String topic, int count, int replicas)
      throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.describeCluster().nodes().get();
      long start = System.nanoTime();
      admin.createTopics(List.of(new NewTopic(topic, count, (short) replicas))).all().get();
      long created = millisSince(start);
      while (!allLed(admin, topic, count, 1)) {
        Thread.onSpinWait();
      }
      String led = count + " partitions led after " + millisSince(start) + " ms";
      Output.print(led + ", the create call took " + created + " ms");
    }
  }

  private static void inSync(String bootstrap, String topic, int count, int replicas)
      throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      long start = System.nanoTime();
      while (!allLed(admin, topic, count, replicas)) {
        Waiting.goBy(LOOK_AGAIN);
      }
      Output.print(replicas + " replicas in sync after " + millisSince(start) + " ms");
    }
  }

  private static void delete(String bootstrap, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }

  private static boolean allLed(Admin admin, String topic, int count, int inSync) throws Exception {
    Map<String, TopicDescription> described =
        admin.describeTopics(List.of(topic)).allTopicNames().get();
    return described.values().stream()
            .flatMap(one -> one.partitions().stream())
            .filter(partition -> partition.leader() != null && partition.isr().size() >= inSync)
            .count()
        == count;
  }

  private static void firstAck(String bootstrap, String topic, long startEpochNanos)
      throws Exception {
    long epoch = System.currentTimeMillis() * 1_000_000 - System.nanoTime();
    // With its default back-off of up to a second, the client would be what is measured.
    try (Admin admin = Admin.create(settings(bootstrap))) {
      while (!created(admin, topic)) {
        Thread.onSpinWait();
      }
    }
    Properties settings = settings(bootstrap);
    settings.put("acks", "all");
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> acks = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        acks.add(producer.send(new ProducerRecord<>(topic, partition, null, new byte[100])));
      }
      acks.getFirst().get();
      long first = System.nanoTime() + epoch;
      for (Future<RecordMetadata> ack : acks) {
        ack.get();
      }
      long all = System.nanoTime() + epoch;
      String one = "first record acknowledged after " + (first - startEpochNanos) / 1_000_000;
      Output.print(
          one + " ms, one in each partition after " + (all - startEpochNanos) / 1_000_000 + " ms");
    }
  }

  private static boolean created(Admin admin, String topic) throws InterruptedException {
    try {
      var topics = List.of(new NewTopic(topic, PARTITIONS, (short) 1));
      admin.createTopics(topics).all().get(200, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    } catch (ExecutionException refused) {
      return refused.getCause() instanceof TopicExistsException;
    }
  }

  private static Properties settings(String bootstrap) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("reconnect.backoff.ms", "10");
    settings.put("reconnect.backoff.max.ms", "20");
    return settings;
  }

  private static long millisSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1_000_000;
  }
}
