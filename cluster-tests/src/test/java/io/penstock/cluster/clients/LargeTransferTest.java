package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.process.BrokerUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real data, much of it: a tree of files is produced in pieces and consumed again, and the hash of
 * each partition must be the same on both sides. The tree is {@code penstock.transfer.tree} (the
 * JDK that runs the tests unless said), read as often as it takes to send {@code
 * penstock.transfer.mib} MiB.
 */
@Timeout(900)
class LargeTransferTest {
  private static final int PARTITIONS = 4;
  private static final int PIECE_BYTES = 64 << 10;

  @Test
  void comesBackByteForByte() throws Exception {
    long bytesWanted = Long.getLong("penstock.transfer.mib", 128) << 20;
    String topic = "transfer-" + System.nanoTime();
    try (BrokerUnderTest broker = BrokerUnderTest.open("transfer")) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
      }
      List<Tally> sent = produce(broker.bootstrap(), topic, bytesWanted);
      List<Tally> read = consume(broker.bootstrap(), topic, sent);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        assertEquals(sent.get(partition).summary(), read.get(partition).summary());
      }
    }
  }

  private static List<Tally> produce(String bootstrap, String topic, long bytesWanted)
      throws Exception {
    List<Tally> tallies = tallies();
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("batch.size", Integer.toString(512 << 10));
    settings.put("linger.ms", "5");
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      long sent = 0;
      List<Path> files = files();
      for (int next = 0; sent < bytesWanted; next = (next + 1) % files.size()) {
        try (InputStream input = Files.newInputStream(files.get(next))) {
          byte[] key = files.get(next).toString().getBytes(StandardCharsets.UTF_8);
          int partition = Math.floorMod(files.get(next).hashCode(), PARTITIONS);
          for (byte[] piece = input.readNBytes(PIECE_BYTES);
              piece.length > 0 && sent < bytesWanted;
              piece = input.readNBytes(PIECE_BYTES)) {
            tallies.get(partition).add(piece);
            Future<RecordMetadata> _ =
                producer.send(
                    new ProducerRecord<>(topic, partition, key, piece),
                    (ack, exception) -> {
                      if (exception != null) {
                        failure.compareAndSet(null, exception);
                      }
                    });
            sent += piece.length;
          }
        }
      }
    }
    Exception met = failure.get();
    if (met != null) {
      throw met;
    }
    return tallies;
  }

  private static List<Tally> consume(String bootstrap, String topic, List<Tally> sent) {
    List<Tally> tallies = tallies();
    List<TopicPartition> partitions = new ArrayList<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      partitions.add(new TopicPartition(topic, partition));
    }
    long missing = sent.stream().mapToLong(tally -> tally.records).sum();
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      int idlePolls = 0;
      while (missing > 0 && idlePolls < 60) {
        idlePolls++;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          tallies.get(record.partition()).add(record.value());
          missing--;
          idlePolls = 0;
        }
      }
    }
    return tallies;
  }

  private static List<Path> files() throws IOException {
    Path tree =
        Path.of(System.getProperty("penstock.transfer.tree", System.getProperty("java.home")));
    try (Stream<Path> walk = Files.walk(tree)) {
      return walk.filter(Files::isRegularFile).filter(Files::isReadable).sorted().toList();
    }
  }

  private static List<Tally> tallies() {
    return Stream.generate(Tally::new).limit(PARTITIONS).toList();
  }

  /** Counts and hashes what passed through one partition. */
  private static final class Tally {
    private final MessageDigest digest;
    private long records;
    private long bytes;

    Tally() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    void add(byte[] piece) {
      digest.update(piece);
      records++;
      bytes += piece.length;
    }

    String summary() {
      String hash = HexFormat.of().formatHex(digest.digest());
      return records + " records, " + bytes + " bytes, SHA-256 " + hash;
    }
  }
}
