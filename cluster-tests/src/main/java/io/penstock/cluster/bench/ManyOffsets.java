package io.penstock.cluster.bench;

import io.penstock.cluster.history.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Many committed offsets, and how long a broker that starts takes to know them again: {@code
 * ManyOffsets fill|first|verify BOOTSTRAP OFFSETS spread|one}, in groups of 1 000 each, which are
 * spread over the partitions of the internal topic, or all in one. {@code fill} commits, {@code
 * verify} reads all of them. {@code first}, with another argument START, a reading of {@code date
 * +%s%N}, polls until one offset of each group is answered, and says how many ms after START that
 * was, and how many ms after it the broker answered at all.
 */
public final class ManyOffsets {
  private static final String TOPIC = "committed";
  private static final int EACH = 1_000;
  private static final int OFFSETS_PARTITIONS = 50;
  private static final int AT_ONCE = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Admin admin;
  private final List<String> groups = new ArrayList<>();

  private ManyOffsets(Admin admin, int offsets, boolean spread) {
    this.admin = admin;
    for (int number = 0; groups.size() * EACH < offsets; number++) {
      String group = (spread ? "spread-" : "one-") + number;
      if (spread || (group.hashCode() & 0x7fffffff) % OFFSETS_PARTITIONS == 0) {
        groups.add(group);
      }
    }
  }

  /** Runs one of the commands. */
  public static void main(String[] arguments) throws Exception {
    // With its default back-off of up to a second, the client would be what is measured.
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", arguments[1],
            "default.api.timeout.ms", 600_000,
            "request.timeout.ms", 120_000,
            "retry.backoff.ms", 10,
            "retry.backoff.max.ms", 20,
            "reconnect.backoff.ms", 10,
            "reconnect.backoff.max.ms", 20);
    long startNs = System.nanoTime();
    try (Admin admin = Admin.create(settings)) {
      int offsets = Integer.parseInt(arguments[2]);
      ManyOffsets many = new ManyOffsets(admin, offsets, arguments[3].equals("spread"));
      switch (arguments[0]) {
        case "fill" -> many.fill();
        case "first" -> {
          many.first(Long.parseLong(arguments[4]));
          return;
        }
        case "verify" -> many.verify();
        default -> throw new IllegalArgumentException("no such command: " + arguments[0]);
      }
      Output.print(
          "%s: %d offsets of %d groups, ms %d"
              .formatted(
                  arguments[0],
                  many.groups.size() * EACH,
                  many.groups.size(),
                  TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs)));
    }
  }

  private static long offset(String group, int partition) {
    return 1L + (group.hashCode() & 0xffff) + partition;
  }

  private void fill() throws ExecutionException, InterruptedException {
    try {
      admin.createTopics(List.of(new NewTopic(TOPIC, EACH, (short) 1))).all().get();
    } catch (ExecutionException refused) {
      if (!(refused.getCause() instanceof TopicExistsException)) {
        throw refused;
      }
    }
    for (int from = 0; from < groups.size(); from += AT_ONCE) {
      List<KafkaFuture<Void>> under = new ArrayList<>();
      for (String group : groups.subList(from, Math.min(groups.size(), from + AT_ONCE))) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int partition = 0; partition < EACH; partition++) {
          offsets.put(
              new TopicPartition(TOPIC, partition),
              new OffsetAndMetadata(offset(group, partition)));
        }
        under.add(admin.alterConsumerGroupOffsets(group, offsets).all());
      }
      for (KafkaFuture<Void> each : under) {
        each.get();
      }
    }
  }

  private void first(long startEpochNs) {
    Waiting.until(
        () -> isAnswered(admin.describeCluster().nodes()),
        PATIENCE,
        () -> "the broker does not answer");
    long upMs = System.currentTimeMillis() - startEpochNs / 1_000_000;
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    var one = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition));
    Map<String, ListConsumerGroupOffsetsSpec> each = new HashMap<>();
    groups.forEach(group -> each.put(group, one));
    Waiting.until(
        () ->
            isAnswered(
                admin
                    .listConsumerGroupOffsets(each)
                    .all()
                    .thenApply(answer -> {
                      groups.forEach(
                          group -> requireRight(group, 0, answer.getOrDefault(group, Map.of())));
                      return answer;
                    })),
        PATIENCE,
        () -> "not all groups have their offsets");
    long allMs = System.currentTimeMillis() - startEpochNs / 1_000_000;
    Output.print("the broker answers after ms %d, all offsets after ms %d".formatted(upMs, allMs));
  }

  private static boolean isAnswered(KafkaFuture<?> answer) {
    try {
      answer.get();
      return true;
    } catch (ExecutionException notYet) {
      if (notYet.getCause() instanceof IllegalStateException wrong) {
        throw wrong;
      }
      return false;
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupt);
    }
  }

  private void verify() throws ExecutionException, InterruptedException {
    for (String group : groups) {
      Map<TopicPartition, OffsetAndMetadata> found =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      for (int partition = 0; partition < EACH; partition++) {
        requireRight(group, partition, found);
      }
    }
  }

  private static void requireRight(
      String group, int partition, Map<TopicPartition, OffsetAndMetadata> found) {
    OffsetAndMetadata offset = found.get(new TopicPartition(TOPIC, partition));
    if (offset == null || offset.offset() != offset(group, partition)) {
      throw new IllegalStateException(group + ", partition " + partition + ": " + offset);
    }
  }
}
