package io.penstock.cluster.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.penstock.cluster.nodes.NodeView;
import io.penstock.cluster.nodes.NodeView.Group;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A broker that has {@code penstock.cluster.partitions} partitions with two others dies: it is
 * fenced, and every partition it led has a new leader in the image of each node that lives. Prints
 * how long each took, as a client of each node sees it.
 */
@Timeout(900)
class FencingTest {
  private static final int PARTITIONS = Sizes.of("penstock.cluster.partitions", 300, 10_000);
  private static final int IN_A_TOPIC = 500;

  /** When one node showed what, in {@link System#nanoTime}. */
  private record Seen(long fencedNs, long newLeadersNs) {}

  static Stream<Arguments> faults() {
    Stream<Arguments> all =
        Stream.of(
            Arguments.of("kill", "leader"),
            Arguments.of("pause", "follower"),
            Arguments.of("kill", "follower"),
            Arguments.of("pause", "leader"));
    return Sizes.areLong() ? all : all.limit(2);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void givesTheDeadBrokersPartitionsNewLeaders(String fault, String role) throws Exception {
    TestCluster.run(
        "fencing-" + fault + "-" + role,
        Shape.of(3),
        cluster -> {
          cluster.start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          List<String> topics = createPartitions(cluster);
          TestNode leader = Agreement.leader(cluster, Group.LEADERSHIP);
          TestNode dead = role.equals("leader") ? leader : cluster.others(leader).getFirst();
          assertNotEquals(0, ledBy(dead, cluster.others(dead).getFirst(), topics));

          List<CompletableFuture<Seen>> watches =
              cluster.others(dead).stream().map(node -> watch(node, dead, topics)).toList();
          if (fault.equals("kill")) {
            dead.kill();
          } else {
            dead.pause();
          }
          long diedNs = System.nanoTime();

          print(fault + " of the " + role + ": " + figures(diedNs, watches));
          for (TestNode node : cluster.others(dead)) {
            assertEquals(0, ledBy(dead, node, topics));
          }
        });
  }

  private static List<String> createPartitions(TestCluster cluster) throws IOException {
    List<String> topics = new ArrayList<>();
    long start = System.nanoTime();
    try (NodeView view = new NodeView(cluster.node(1), 120_000)) {
      for (int left = PARTITIONS; left > 0; left -= IN_A_TOPIC) {
        String topic = "many-" + topics.size();
        view.create(topic, Math.min(left, IN_A_TOPIC), 3);
        topics.add(topic);
      }
    }
    long created = System.nanoTime();
    for (TestNode node : cluster.nodes()) {
      await().atMost(Duration.ofMinutes(2)).ignoreExceptions().until(() -> allLed(node, topics));
    }
    print(
        PARTITIONS
            + " partitions created in "
            + millis(start, created)
            + " ms, led in every image after "
            + millis(start, System.nanoTime())
            + " ms");
    return topics;
  }

  private static boolean allLed(TestNode node, List<String> topics) throws IOException {
    try (NodeView view = new NodeView(node)) {
      List<MetadataResponsePartition> partitions = view.partitions(topics);
      return partitions.size() == PARTITIONS
          && partitions.stream().allMatch(partition -> partition.leaderId() > 0);
    }
  }

  private static long ledBy(TestNode leader, TestNode asked, List<String> topics)
      throws IOException {
    try (NodeView view = new NodeView(asked)) {
      return view.partitions(topics).stream().filter(p -> p.leaderId() == leader.id()).count();
    }
  }

  private static CompletableFuture<Seen> watch(TestNode node, TestNode dead, List<String> topics) {
    CompletableFuture<Seen> seen = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("watch-" + node.id())
        .daemon()
        .start(() -> {
          try (NodeView view = new NodeView(node)) {
            while (view.livingBrokers().contains(dead.id())) {
              Thread.onSpinWait();
            }
            long fenced = System.nanoTime();
            while (hasPartitionWithoutLivingLeader(view, dead, topics)) {
              Thread.onSpinWait();
            }
            seen.complete(new Seen(fenced, System.nanoTime()));
          } catch (IOException | RuntimeException failure) {
            seen.completeExceptionally(failure);
          }
        });
    return seen;
  }

  private static boolean hasPartitionWithoutLivingLeader(
      NodeView view, TestNode dead, List<String> topics) throws IOException {
    return view.partitions(topics).stream()
        .anyMatch(p -> p.leaderId() < 0 || p.leaderId() == dead.id());
  }

  private static String figures(long diedNs, List<CompletableFuture<Seen>> watches)
      throws Exception {
    List<Seen> all = new ArrayList<>();
    for (CompletableFuture<Seen> watch : watches) {
      all.add(watch.get(60, TimeUnit.SECONDS));
    }
    long decided = all.stream().mapToLong(Seen::fencedNs).min().orElseThrow();
    long everywhere = all.stream().mapToLong(Seen::newLeadersNs).max().orElseThrow();
    return "fenced after "
        + millis(diedNs, decided)
        + " ms, new leaders in every image "
        + millis(decided, everywhere)
        + " ms later, "
        + PARTITIONS
        + " partitions";
  }

  private static long millis(long fromNs, long toNs) {
    return (toNs - fromNs) / 1_000_000;
  }

  @SuppressWarnings("SystemOut") // figures for a person
  private static void print(String line) {
    System.out.println(line);
  }
}
