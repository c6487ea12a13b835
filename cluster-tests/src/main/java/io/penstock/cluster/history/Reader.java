package io.penstock.cluster.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Consumers without a group: one that reads along, and one that reads everything at the end. */
final class Reader {
  private static final Duration POLL = Duration.ofMillis(200);

  private final int id;
  private final String bootstrap;
  private final Load load;
  private final History history;
  private final Thread thread;
  private volatile boolean running = true;

  Reader(int id, String bootstrap, Load load, History history) {
    this.id = id;
    this.bootstrap = bootstrap;
    this.load = load;
    this.history = history;
    this.thread = Thread.ofPlatform().name("reader-" + id).unstarted(this::readAlong);
  }

  void start() {
    thread.start();
  }

  void end() {
    running = false;
    Waiting.join(thread);
  }

  /** Reads until the end; one that is set back goes on behind, under another number. */
  private void readAlong() {
    for (int life = 0; running; life++) {
      int number = id + life * load.readers();
      List<TopicPartition> partitions = load.topicPartitions();
      try (var consumer = consumer(bootstrap, id == 0 ? null : "r" + id)) {
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        while (running) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            Entry entry = history.entry(record.offset(), record.value());
            history.read(number, new TopicPartition(record.topic(), record.partition()), entry);
          }
        }
      } catch (InvalidOffsetException setBack) {
        setBack
            .partitions()
            .forEach(
                partition -> history.readerSetBack(partition, "reader " + number + ": " + setBack));
      } catch (KafkaException notNow) {
        // Such as a time-out at the start while most brokers are away: it begins again.
      }
    }
  }

  /** Everything that a consumer is given of these partitions up to their ends. */
  static Map<TopicPartition, List<Entry>> readAll(
      String bootstrap, List<TopicPartition> partitions, History history, Duration patience) {
    Map<TopicPartition, List<Entry>> logs = new HashMap<>();
    partitions.forEach(partition -> logs.put(partition, new ArrayList<>()));
    long deadline = System.nanoTime() + patience.toNanos();
    try (var consumer = consumer(bootstrap, null)) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, patience);
      while (partitions.stream()
          .anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("cannot read up to " + ends + " in " + patience);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          List<Entry> log = logs.get(partition);
          if (log == null) {
            throw new AssertionError("given a record of " + partition);
          }
          log.add(history.entry(record.offset(), record.value()));
        }
      }
    }
    return logs;
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap, @Nullable String rack) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("auto.offset.reset", "none");
    settings.put("enable.auto.commit", "false");
    if (rack != null) {
      settings.put("client.rack", rack);
    }
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
