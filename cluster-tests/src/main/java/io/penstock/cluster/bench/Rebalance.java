package io.penstock.cluster.bench;

import io.penstock.cluster.history.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * How long a group takes until it is stable: each partition with one member, evenly, for three
 * seconds at least, which do not count. {@code Rebalance BOOTSTRAP TAG PROTOCOL ROUNDS PARTITIONS
 * MEMBERS REPLICAS}, PROTOCOL being {@code eager}, {@code cooperative} or {@code consumer}. Each
 * round is a group of its own: all members come at once, one more comes, one leaves. Prints a line
 * of JSON for each.
 */
public final class Rebalance {
  private static final String TOPIC = "rebalanced";
  private static final String ASSIGNORS = "org.apache.kafka.clients.consumer.";
  private static final long STABLE_NS = TimeUnit.SECONDS.toNanos(3);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration POLL = Duration.ofMillis(100);

  private final String bootstrap;
  private final String tag;
  private final String protocol;
  private final Shares shares;
  private final String group = "rebalance-" + Long.toHexString(System.nanoTime());
  private final List<Consumer> consumers = new ArrayList<>();
  private int lastNumber;

  private Rebalance(String bootstrap, String tag, String protocol, int partitions) {
    this.bootstrap = bootstrap;
    this.tag = tag;
    this.protocol = protocol;
    this.shares = new Shares(partitions);
  }

  /** Runs all rounds. */
  public static void main(String[] arguments) throws Exception {
    int partitions = Integer.parseInt(arguments[4]);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
      if (!admin.listTopics().names().get().contains(TOPIC)) {
        NewTopic topic = new NewTopic(TOPIC, partitions, Short.parseShort(arguments[6]));
        admin.createTopics(List.of(topic)).all().get();
      }
    }
    for (int round = 0; round < Integer.parseInt(arguments[3]); round++) {
      new Rebalance(arguments[0], arguments[1], arguments[2], partitions)
          .round(Integer.parseInt(arguments[5]));
    }
  }

  private void round(int members) {
    measure(
        "all come",
        () -> {
          for (int i = 0; i < members; i++) {
            join();
          }
        });
    measure("one comes", this::join);
    Consumer first = consumers.removeFirst();
    measure("one leaves", first::leave);
    consumers.forEach(Consumer::leave);
    consumers.forEach(Consumer::awaitEnd);
    first.awaitEnd();
  }

  private void join() {
    consumers.add(new Consumer(++lastNumber));
  }

  private void measure(String what, Runnable change) {
    long startNs = System.nanoTime();
    change.run();
    Waiting.until(
        () -> {
          consumers.forEach(Consumer::check);
          return shares.isEvenFor(STABLE_NS);
        },
        PATIENCE,
        () -> protocol + ", " + what + ": " + shares);
    Output.print(
        "{\"tag\":\"%s\",\"protocol\":\"%s\",\"what\":\"%s\",\"seconds\":%.3f}"
            .formatted(tag, protocol, what, shares.evenAfterNs(startNs) / 1e9));
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("group.id", group);
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    switch (protocol) {
      case "eager" -> settings.put("partition.assignment.strategy", ASSIGNORS + "RangeAssignor");
      case "cooperative" ->
          settings.put("partition.assignment.strategy", ASSIGNORS + "CooperativeStickyAssignor");
      case "consumer" -> settings.put("group.protocol", "consumer");
      default -> throw new IllegalArgumentException("no such protocol: " + protocol);
    }
    return settings;
  }

  /** One member, on a thread of its own. */
  private final class Consumer implements ConsumerRebalanceListener {
    private final int number;
    private final Thread thread;
    private volatile boolean leaving;
    private volatile @Nullable RuntimeException failure;

    private Consumer(int number) {
      this.number = number;
      shares.enter(number);
      this.thread = Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer.subscribe(Set.of(TOPIC), this);
        while (!leaving) {
          consumer.poll(POLL);
        }
      } catch (RuntimeException ended) {
        failure = ended;
      }
    }

    void check() {
      @Nullable RuntimeException ended = failure;
      if (ended != null) {
        throw new IllegalStateException("a member ended", ended);
      }
    }

    void leave() {
      shares.exit(number);
      leaving = true;
    }

    void awaitEnd() {
      try {
        thread.join();
      } catch (InterruptedException interrupt) {
        throw new IllegalStateException(interrupt);
      }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      shares.change(number, numbers(partitions), true);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      shares.change(number, numbers(partitions), false);
    }

    private static int[] numbers(Collection<TopicPartition> partitions) {
      return partitions.stream().mapToInt(TopicPartition::partition).toArray();
    }
  }
}
