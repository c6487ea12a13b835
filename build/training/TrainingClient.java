import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Does once what clients do. */
final class TrainingClient implements AutoCloseable {
  private static final String TOPIC = "training";
  private static final int PARTITIONS = 6; // each node leads some
  private static final short REPLICAS = 3;
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final int RECORDS = 500;
  private static final int IN_SYNC_SECONDS = 30;

  private final Properties settings = new Properties();
  private final Admin admin;

  TrainingClient(String bootstrap) {
    settings.put("bootstrap.servers", bootstrap);
    settings.put("default.api.timeout.ms", "10000");
    settings.put("request.timeout.ms", "5000");
    settings.put("max.block.ms", "10000");
    settings.put("delivery.timeout.ms", "10000");
    settings.put("auto.offset.reset", "earliest");
    this.admin = Admin.create(settings);
  }

  void doAll() {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
    NewTopic passing = new NewTopic("passing", 2, (short) 1);
    step("create", () -> admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, REPLICAS), passing)).all().get());
    step("describe", () -> admin.describeTopics(List.of(TOPIC)).allTopicNames().get());
    for (String codec : List.of("none", "lz4", "zstd")) {
      step("produce " + codec, () -> produce(codec));
    }
    step("consume", () -> consume(false, "classic"));
    for (String protocol : List.of("classic", "consumer")) {
      step("consume as a group, " + protocol, () -> consume(true, protocol));
    }
    step("offsets", () -> admin.listOffsets(Map.of(PARTITION, OffsetSpec.maxTimestamp())).all().get());
    step("configs", () -> admin.describeConfigs(List.of(topic)).all().get());
    step("cluster", () -> admin.describeCluster().nodes().get());
    step("delete", () -> admin.deleteTopics(List.of("passing")).all().get());
  }

  private static void step(String name, TrainingRun.Step step) {
    TrainingRun.attempt(name, step);
  }

  private void produce(String codec) throws Exception {
    Properties own = own();
    own.put("compression.type", codec);
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(own, bytes, bytes)) {
      for (int i = 0; i < RECORDS; i++) {
        producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, new byte[512]));
      }
      producer.flush();
    }
  }

  private void consume(boolean grouped, String protocol) {
    Properties own = own();
    own.put("group.id", "training-" + protocol);
    own.put("group.protocol", protocol);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(own, bytes, bytes)) {
      if (grouped) {
        consumer.subscribe(List.of(TOPIC));
      } else {
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
      }
      long endNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (consumer.poll(Duration.ofMillis(200)).isEmpty() && System.nanoTime() < endNs) {
        // A group takes its time to form.
      }
      if (grouped) {
        consumer.commitSync();
      }
    }
  }

  private Properties own() {
    Properties own = new Properties();
    own.putAll(settings);
    return own;
  }

  /** Writes to all partitions, to whoever leads them. */
  void write() throws Exception {
    produce("none");
  }

  void awaitInSync() throws Exception {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(IN_SYNC_SECONDS);
    while (!isInSync(admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC))) {
      if (System.nanoTime() - endNs > 0) {
        throw new IllegalStateException("replicas stay out of sync");
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static boolean isInSync(TopicDescription topic) {
    return topic.partitions().stream().allMatch(one -> one.isr().size() == REPLICAS);
  }

  void moveLeadersBack() throws Exception {
    Set<TopicPartition> all = Set.of(PARTITION, new TopicPartition(TOPIC, 1), new TopicPartition(TOPIC, 2));
    admin.electLeaders(ElectionType.PREFERRED, all).partitions().get(); // some may be there already
  }

  @Override
  public void close() {
    admin.close();
  }
}
