package io.penstock.cluster.clients;

import io.penstock.cluster.clients.GroupTourLedger.Place;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A member on a thread of its own. It commits what it has read before it counts as processed; what
 * it could not commit, because its partitions were taken away meanwhile, somebody else has to read
 * again.
 */
final class GroupTourMember {

  /**
   * What the members of a tour have in common.
   *
   * @param assignor a class, or {@code consumer} for the protocol in which the coordinator assigns
   */
  record Settings(String bootstrap, String name, String assignor, boolean isStatic) {
    boolean isConsumerProtocol() {
      return assignor.equals("consumer");
    }
  }

  private enum Ending {
    NONE,
    LEAVE,
    CRASH
  }

  private final Settings settings;
  private final String instance;
  private final GroupTourLedger ledger;
  private final Thread thread;
  private final AtomicInteger rebalances = new AtomicInteger();
  private final List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
  private volatile Ending ending = Ending.NONE;
  private volatile String failure = "";

  GroupTourMember(Settings settings, String instance, GroupTourLedger ledger) {
    this.settings = settings;
    this.instance = instance;
    this.ledger = ledger;
    this.thread = new Thread(this::run, instance);
    thread.setDaemon(true);
    thread.start();
  }

  String instance() {
    return instance;
  }

  /** What it has failed of, or nothing. */
  String failure() {
    return failure;
  }

  /** How often it was assigned partitions. */
  int rebalances() {
    return rebalances.get();
  }

  void leave() throws InterruptedException {
    end(Ending.LEAVE);
  }

  /** Is gone without a word. */
  void crash() throws InterruptedException {
    end(Ending.CRASH);
  }

  private void end(Ending how) throws InterruptedException {
    ending = how;
    thread.join(30_000);
    if (thread.isAlive() || !failure.isEmpty()) {
      throw new IllegalStateException("a member did not end: " + failure);
    }
  }

  private void run() {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      consumer.subscribe(List.of(settings.name()), new Listener(consumer));
      while (ending == Ending.NONE || !read.isEmpty()) {
        consumer.poll(Duration.ofMillis(100)).forEach(read::add);
        commit(consumer);
      }
      if (ending == Ending.LEAVE) {
        consumer.unsubscribe();
      }
    } catch (RuntimeException e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      failure = trace.toString();
    } finally {
      if (settings.isConsumerProtocol() && ending != Ending.LEAVE) {
        Newer.closeAndStay(consumer);
      } else {
        consumer.close();
      }
    }
  }

  /** What the old clients do not have; loaded only where it is used. */
  private static final class Newer {
    private static void closeAndStay(KafkaConsumer<?, ?> consumer) {
      consumer.close(
          CloseOptions.groupMembershipOperation(
              CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
    }
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", settings.bootstrap());
    properties.put("group.id", settings.name());
    if (settings.isConsumerProtocol()) {
      properties.put("group.protocol", "consumer");
    } else {
      properties.put("group.protocol", "classic");
      properties.put("partition.assignment.strategy", settings.assignor());
      properties.put("session.timeout.ms", "6000");
      properties.put("heartbeat.interval.ms", "500");
      properties.put("internal.leave.group.on.close", "false"); // closing is how it crashes
    }
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    properties.put("metadata.max.age.ms", "1000");
    properties.put("max.poll.records", "50");
    if (settings.isStatic()) {
      properties.put("group.instance.id", instance);
    }
    return properties;
  }

  private void commit(KafkaConsumer<byte[], byte[]> consumer) {
    if (read.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    List<Place> places = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> each : read) {
      offsets.put(
          new TopicPartition(each.topic(), each.partition()),
          new OffsetAndMetadata(each.offset() + 1));
      places.add(new Place(each.partition(), each.offset()));
    }
    try {
      consumer.commitSync(offsets, Duration.ofSeconds(20));
    } catch (RebalanceInProgressException again) {
      return; // after the next poll
    } catch (CommitFailedException lost) {
      read.clear();
      return;
    }
    read.clear();
    ledger.committed(places);
  }

  private final class Listener implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    private Listener(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      rebalances.incrementAndGet();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      commit(consumer);
      forget(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      forget(partitions);
    }

    private void forget(Collection<TopicPartition> partitions) {
      read.removeIf(
          each -> partitions.contains(new TopicPartition(each.topic(), each.partition())));
    }
  }
}
