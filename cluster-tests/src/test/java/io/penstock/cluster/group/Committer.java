package io.penstock.cluster.group;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * One group that commits rising offsets for one partition, as fast as it may, and after each reads
 * what is committed: that is the last one that was acknowledged, or one that was tried after it. On
 * a thread of its own.
 */
final class Committer implements Runnable {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final String bootstrap;
  private final String group;
  private final TopicPartition partition;
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;
  private volatile long acked = -1;
  private volatile long tried = -1;

  Committer(String bootstrap, String group, TopicPartition partition) {
    this.bootstrap = bootstrap;
    this.group = group;
    this.partition = partition;
  }

  String group() {
    return group;
  }

  long acked() {
    return acked;
  }

  long tried() {
    return tried;
  }

  List<String> wrong() {
    return List.copyOf(wrong);
  }

  void stop() {
    stopping = true;
  }

  @Override
  public void run() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", bootstrap,
                "group.id", group,
                "enable.auto.commit", "false",
                "retry.backoff.max.ms", "200",
                "request.timeout.ms", "10000",
                "reconnect.backoff.max.ms", "200"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      while (!stopping) {
        commit(consumer);
        check(consumer);
      }
    } catch (RuntimeException failure) {
      wrong.add(group + " ended: " + failure);
    }
  }

  private void commit(KafkaConsumer<byte[], byte[]> consumer) {
    long offset = tried + 1;
    tried = offset;
    try {
      consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset)), TIMEOUT);
      acked = offset;
    } catch (KafkaException failure) {
      wrong.add(group + " could not commit " + offset + ": " + failure);
    }
  }

  private void check(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      long committed = offset(consumer.committed(Set.of(partition), TIMEOUT).get(partition));
      if (committed < acked || committed > tried) {
        wrong.add(
            group + " reads " + committed + ", acknowledged was " + acked + ", tried " + tried);
      }
    } catch (KafkaException failure) {
      wrong.add(group + " could not read its offset: " + failure);
    }
  }

  private static long offset(@Nullable OffsetAndMetadata committed) {
    return committed == null ? -1 : committed.offset();
  }
}
