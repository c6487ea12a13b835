import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The client of the build's training run: does once what clients do, so that the classes of it are in the AOT cache. Each step
 * stands alone; what the server does not know yet is passed over.
 */
public final class TrainingRun {
  private static final TopicPartition PARTITION = new TopicPartition("training", 0);

  private TrainingRun() {}

  interface Step {
    void run() throws Exception;
  }

  public static void main(String[] arguments) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", arguments[0]);
    settings.put("default.api.timeout.ms", "10000");
    settings.put("request.timeout.ms", "5000");
    settings.put("max.block.ms", "10000");
    settings.put("delivery.timeout.ms", "10000");
    try (Admin admin = Admin.create(settings)) {
      attempt("create", () -> admin.createTopics(List.of(new NewTopic("training", 2, (short) 1))).all().get());
      attempt("describe", () -> admin.describeTopics(List.of("training")).allTopicNames().get());
      attempt("produce", () -> produce(settings));
      attempt("consume", () -> consume(settings));
      attempt("offsets", () -> admin.listOffsets(Map.of(PARTITION, OffsetSpec.maxTimestamp())).all().get());
      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "training");
      attempt("configs", () -> admin.describeConfigs(List.of(topic)).all().get());
      attempt("cluster", () -> admin.describeCluster().nodes().get());
      attempt("delete", () -> admin.deleteTopics(List.of("training")).all().get());
    }
  }

  private static void produce(Properties settings) throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    for (String codec : List.of("none", "lz4", "zstd")) {
      settings.put("compression.type", codec);
      try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
        for (int i = 0; i < 500; i++) {
          producer.send(new ProducerRecord<>(PARTITION.topic(), PARTITION.partition(), null, new byte[512]));
        }
        producer.send(new ProducerRecord<>(PARTITION.topic(), 1, null, new byte[512])).get();
      }
    }
  }

  private static void consume(Properties settings) {
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      for (int seen = 0; seen < 1500 && System.nanoTime() < end; ) {
        seen += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
  }

  private static void attempt(String name, Step step) {
    try {
      step.run();
    } catch (Exception failed) {
      System.out.println("training run: " + name + ": " + failed);
    }
  }
}
