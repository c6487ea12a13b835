package io.penstock.cluster.bench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Updates of keys in a compacted topic of one partition, and whether a reader finds the last value
 * of each: {@code Compaction fill|clean|check|exact BOOTSTRAP COUNT KEYS [CODEC]}. The key of each
 * update follows from its number, which is its offset, so that no list of them is needed. {@code
 * fill} writes them where nothing is cleaned yet, {@code clean} lets the cleaner begin, {@code
 * check} fails unless the last value of every key is there, in order, and {@code exact} reads again
 * until nothing else is.
 */
public final class Compaction {
  private static final String TOPIC = "compacted";
  private static final int VALUE_BYTES = 100;
  private static final long EXACT_WITHIN_NS = TimeUnit.MINUTES.toNanos(15);

  private Compaction() {}

  /** Runs one of the commands. */
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> client =
        Map.of("bootstrap.servers", arguments[1], "default.api.timeout.ms", 120_000);
    int count = Integer.parseInt(arguments[2]);
    int keys = Integer.parseInt(arguments[3]);
    switch (arguments[0]) {
      case "fill" -> fill(client, count, keys, arguments.length > 4 ? arguments[4] : "none");
      case "clean" -> set(client, "min.cleanable.dirty.ratio", "0");
      case "check" -> Output.print("records " + read(client, count, keys));
      case "exact" -> exact(client, count, keys);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Which key an update is of; a mix of all bits, so that no key is much older than others. */
  private static int keyOf(int number, int keys) {
    long mixed = (number + 1) * 0x9E3779B97F4A7C15L;
    return (int) Math.unsignedMultiplyHigh(mixed ^ (mixed >>> 29), keys);
  }

  private static void fill(Map<String, Object> client, int count, int keys, String codec)
      throws Exception {
    Map<String, String> settings =
        Map.of(
            "cleanup.policy", "compact",
            "min.cleanable.dirty.ratio", "1",
            "segment.ms", "10000",
            "segment.bytes", "67108864",
            "delete.retention.ms", "0");
    try (Admin admin = Admin.create(client)) {
      NewTopic topic = new NewTopic(TOPIC, 1, (short) 1).configs(settings);
      admin.createTopics(List.of(topic)).all().get();
    }
    Map<String, Object> config = new HashMap<>(client);
    config.put("compression.type", codec);
    config.put("linger.ms", 10);
    config.put("batch.size", 131_072);
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    long startNs = System.nanoTime();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int number = 0; number < count; number++) {
        byte[] key = bytes("key-" + keyOf(number, keys));
        Future<?> _ =
            producer.send(
                new ProducerRecord<>(TOPIC, 0, key, value(number)),
                (_, refused) -> {
                  if (refused != null) {
                    failure.compareAndSet(null, refused);
                  }
                });
      }
    }
    @Nullable Exception failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    Output.print("wrote " + count + " updates of " + keys + " keys in " + ms + " ms");
  }

  private static void set(Map<String, Object> client, String name, String value) throws Exception {
    try (Admin admin = Admin.create(client)) {
      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
      AlterConfigOp change =
          new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
    }
  }

  private static void exact(Map<String, Object> client, int count, int keys) throws Exception {
    long distinct = keys - (long) missing(lastNumbers(count, keys));
    long startNs = System.nanoTime();
    while (true) {
      long records = read(client, count, keys);
      if (records == distinct) {
        Output.print("exactly the last value of each of " + distinct + " keys, in order");
        return;
      }
      if (System.nanoTime() - startNs > EXACT_WITHIN_NS) {
        throw new IllegalStateException(records + " records of " + distinct + " keys are left");
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  private static int[] lastNumbers(int count, int keys) {
    int[] last = new int[keys];
    Arrays.fill(last, -1);
    for (int number = 0; number < count; number++) {
      last[keyOf(number, keys)] = number;
    }
    return last;
  }

  private static int missing(int[] last) {
    return (int) Arrays.stream(last).filter(number -> number < 0).count();
  }

  /** Reads everything; fails where a last value is missing or a record is not what it was. */
  private static long read(Map<String, Object> client, int count, int keys) {
    int[] last = lastNumbers(count, keys);
    int found = 0;
    long records = 0;
    long before = -1;
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      require(end == count, "the log ends at " + end);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          require(record.offset() > before, "offset " + record.offset() + " after " + before);
          before = record.offset();
          int number = (int) record.offset();
          int key = keyOf(number, keys);
          require(Arrays.equals(record.key(), bytes("key-" + key)), "key of " + number);
          require(Arrays.equals(record.value(), value(number)), "value of " + number);
          found += last[key] == number ? 1 : 0;
          records++;
        }
      }
    }
    require(found == keys - missing(last), "last values of " + found + " keys only");
    return records;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static byte[] value(int number) {
    byte[] value = new byte[VALUE_BYTES];
    byte[] text = bytes("value-" + number);
    System.arraycopy(text, 0, value, 0, text.length);
    return value;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
