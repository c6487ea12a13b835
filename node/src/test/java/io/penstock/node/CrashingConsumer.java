package io.penstock.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer in a process of its own, which is there to be killed: it reads and commits nothing.
 * Only so does it go without a word; Kafka's client of the consumer protocol takes its leave
 * whichever way it is closed.
 */
final class CrashingConsumer {

  private CrashingConsumer() {}

  /** Arguments: where the node is, the group, the topic, and a file to make when it has read. */
  public static void main(String[] arguments) throws IOException {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            arguments[0],
            "group.id",
            arguments[1],
            "group.protocol",
            "consumer",
            "auto.offset.reset",
            "earliest",
            "enable.auto.commit",
            "false");
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(arguments[2]));
      Path hasRead = Path.of(arguments[3]);
      while (true) {
        if (!consumer.poll(Duration.ofMillis(50)).isEmpty() && !Files.exists(hasRead)) {
          Files.createFile(hasRead);
        }
      }
    }
  }

  static Process start(Node node, Path hasRead) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            CrashingConsumer.class.getName(),
            GroupOfConsumers.address(node),
            GroupOfConsumers.GROUP,
            GroupOfConsumers.TOPIC,
            hasRead.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
