package io.penstock.cluster.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.history.Waiting;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The node that coordinates a group is killed while groups of every protocol rebalance and commit.
 * Prints how long each took until it was stable again: every partition has one member, and that
 * commits.
 */
@Timeout(3600)
class RebalancesSurviveTest {

  private static final int ROUNDS =
      Integer.getInteger(
          "penstock.group.rounds", Boolean.getBoolean("penstock.cluster.long") ? 20 : 2);
  private static final long SEED = Long.getLong("penstock.seed", System.nanoTime());
  private static final String TOPIC = "fed";
  private static final String OFFSETS_TOPIC = "__consumer_offsets";
  private static final int PARTITIONS = 8;
  private static final int MEMBERS = 4;
  private static final int REPLICAS = 3;
  private static final int UNREST_MS_MAX = 500;
  private static final long GOAL_BEYOND_SESSION_MS = 5_000;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** What happens to every group just before the node is killed. */
  private enum Event {
    JOIN,
    LEAVE,
    CRASH,
    NOTHING
  }

  private final Random random = new Random(SEED);
  private final List<LiveGroup> groups = new ArrayList<>();
  private final List<Long> tookMs = new ArrayList<>();
  private int inGoal;

  @Test
  void noCommittedOffsetIsLostOrMovesBackWhenCoordinatorsAreKilledAmidRebalances()
      throws Exception {
    print("rebalances-survive: seed " + SEED);
    TestCluster.run("rebalances-survive", Shape.of(REPLICAS), this::killCoordinators);
  }

  private void killCoordinators(TestCluster cluster) throws Exception {
    cluster.start();
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", cluster.bootstrap(),
            "default.api.timeout.ms", "10000",
            "request.timeout.ms", "5000",
            "retry.backoff.max.ms", "200",
            "reconnect.backoff.max.ms", "200");
    try (Admin admin = Admin.create(settings)) {
      admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) REPLICAS))).all().get();
      for (Protocol protocol : Protocol.servedBy(admin)) {
        groups.add(new LiveGroup(cluster.bootstrap(), TOPIC, PARTITIONS, protocol));
        for (int i = 0; i < MEMBERS; i++) {
          groups.getLast().join();
        }
      }
      try (Feeder _ = Feeder.start(cluster.bootstrap(), TOPIC, PARTITIONS);
          OffsetWatch watch = OffsetWatch.start(admin, groups)) {
        awaitStable(admin, "begun");
        for (int round = 0; round < ROUNDS; round++) {
          round(cluster, admin, watch, round);
        }
      }
      awaitAllCommitted(admin);
      for (LiveGroup group : groups) {
        group.end();
      }
      assertEquals(List.of(), wrong());
      printTimes();
    }
  }

  private void round(TestCluster cluster, Admin admin, OffsetWatch watch, int round)
      throws Exception {
    Event event = Event.values()[round % Event.values().length];
    LiveGroup victim = groups.get((round + round / Event.values().length) % groups.size());
    TestNode coordinator = cluster.node(describe(admin, victim).coordinator().id());
    groups.forEach(LiveGroup::mark);
    groups.forEach(group -> happen(event, group));
    Waiting.goBy(Duration.ofMillis(random.nextInt(UNREST_MS_MAX)));
    List<String> amid = groups.stream().map(LiveGroup::unrest).toList();

    coordinator.kill();

    print("round " + round + ": " + event + ", kill of " + coordinator + " amid " + amid);
    groups.forEach(LiveGroup::mark);
    count(awaitStable(admin, "killed"));
    watch.awaitAnswers();
    coordinator.start();
    awaitInSync(admin);
    groups.forEach(LiveGroup::mark);
    awaitStable(admin, "started again");
    watch.awaitAnswers();
  }

  private static void happen(Event event, LiveGroup group) {
    switch (event) {
      case JOIN -> group.join();
      case LEAVE -> group.leave();
      case CRASH -> {
        group.join();
        group.crash();
      }
      case NOTHING -> {
        // Its members only go on.
      }
    }
  }

  /** Waits until all groups are stable; how long each took. */
  private long[] awaitStable(Admin admin, String since) {
    long startNs = System.nanoTime();
    long[] stableMs = new long[groups.size()];
    Arrays.fill(stableMs, -1);
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .failFast(() -> assertEquals(List.of(), wrong()))
        .untilAsserted(() -> {
          long nowMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
          for (int i = 0; i < stableMs.length; i++) {
            boolean rests = groups.get(i).unrest().isEmpty();
            long fromMs = stableMs[i] < 0 ? nowMs : stableMs[i];
            stableMs[i] = rests ? fromMs : -1;
          }
          for (LiveGroup group : groups) {
            assertEquals("", group.unrest(), group.id());
          }
          for (LiveGroup group : groups) {
            ConsumerGroupDescription described = describe(admin, group);
            assertEquals(GroupState.STABLE, described.groupState(), group.id());
            assertEquals(group.size(), described.members().size(), group.id());
          }
        });
    print("  " + since + ", stable after ms " + Arrays.toString(stableMs));
    return stableMs;
  }

  private void count(long[] stableMs) {
    for (int i = 0; i < stableMs.length; i++) {
      long goalMs = groups.get(i).protocol().session().toMillis() + GOAL_BEYOND_SESSION_MS;
      inGoal += stableMs[i] <= goalMs ? 1 : 0;
      tookMs.add(stableMs[i]);
    }
  }

  private void printTimes() {
    Collections.sort(tookMs);
    print(
        "%d rounds, stable again after ms %d / %d / %d (least, middle, most); %d of %d within their"
                .formatted(
                    ROUNDS,
                    tookMs.getFirst(),
                    tookMs.get(tookMs.size() / 2),
                    tookMs.getLast(),
                    inGoal,
                    tookMs.size())
            + " session timeout and 5 s");
  }

  private static void awaitInSync(Admin admin) {
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> {
          List<TopicPartitionInfo> behind = new ArrayList<>();
          admin
              .describeTopics(List.of(TOPIC, OFFSETS_TOPIC))
              .allTopicNames()
              .get()
              .values()
              .forEach(topic -> behind.addAll(topic.partitions()));
          behind.removeIf(each -> each.isr().size() == REPLICAS);
          assertEquals(List.of(), behind);
        });
  }

  /** What was written is committed in the end, all of it. */
  private void awaitAllCommitted(Admin admin) throws Exception {
    Map<TopicPartition, OffsetSpec> all = new HashMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      all.put(new TopicPartition(TOPIC, partition), OffsetSpec.latest());
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin.listOffsets(all).all().get().forEach((each, end) -> ends.put(each, end.offset()));
    for (LiveGroup group : groups) {
      Awaitility.await()
          .atMost(LIMIT)
          .failFast(() -> assertEquals(List.of(), wrong()))
          .untilAsserted(() -> assertEquals(ends, committed(admin, group), group.id()));
    }
  }

  private static Map<TopicPartition, Long> committed(Admin admin, LiveGroup group)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin
        .listConsumerGroupOffsets(group.id())
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
    return offsets;
  }

  private static ConsumerGroupDescription describe(Admin admin, LiveGroup group)
      throws ExecutionException, InterruptedException {
    return Objects.requireNonNull(
        admin.describeConsumerGroups(List.of(group.id())).all().get().get(group.id()));
  }

  private List<String> wrong() {
    return groups.stream().flatMap(group -> group.ledger().wrong().stream()).toList();
  }

  @SuppressWarnings("SystemOut") // figures for a person
  private static void print(String line) {
    System.out.println(line);
  }
}
