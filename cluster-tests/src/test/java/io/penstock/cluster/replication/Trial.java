package io.penstock.cluster.replication;

import io.penstock.cluster.history.Gaps;
import io.penstock.cluster.history.Load;
import io.penstock.cluster.history.Verdict;
import io.penstock.cluster.history.Waiting;
import io.penstock.cluster.history.Workload;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * Three nodes, a recorded workload, and rounds of faults until the time is over ({@code
 * penstock.cluster.seconds}); then everything is made whole again and the history is checked. Each
 * run has a seed ({@code penstock.seed}), which is printed. Used by one thread.
 */
final class Trial {
  private static final int NODES = 3;
  private static final boolean LONG = Boolean.getBoolean("penstock.cluster.long");
  private static final int SECONDS = Integer.getInteger("penstock.cluster.seconds", LONG ? 60 : 4);
  private static final int PER_SECOND =
      Integer.getInteger("penstock.cluster.rate", LONG ? 1000 : 400);

  /** One round of faults, after which all nodes run and can be reached again. */
  @FunctionalInterface
  interface Round {
    void run(Trial trial) throws Exception;
  }

  private final TestCluster cluster;
  private final Workload workload;
  private final Random random;

  private Trial(TestCluster cluster, Workload workload, Random random) {
    this.cluster = cluster;
    this.workload = workload;
    this.random = random;
  }

  /** Whether suites run that CI leaves out: at length, or where somebody says for how long. */
  static boolean isThorough() {
    return LONG || Integer.getInteger("penstock.cluster.seconds") != null;
  }

  /** Runs rounds on nodes with the default settings. */
  static void run(String name, Round round) throws Exception {
    run(name, Shape.of(NODES), round);
  }

  /** Runs rounds on nodes with a further setting of their section {@code cluster}. */
  static void runOnNodesWith(String setting, String name, Round round) throws Exception {
    run(name, Shape.of(NODES).with(setting), round);
  }

  /** Runs rounds on nodes whose links can be cut. */
  static void runOnLinks(String name, Round round) throws Exception {
    run(name, Shape.of(NODES).relays(), round);
  }

  private static void run(String name, Shape shape, Round round) throws Exception {
    long seed = Long.getLong("penstock.seed", new Random().nextLong());
    print(name + ": seed " + seed);
    TestCluster.run(
        name,
        shape,
        cluster -> {
          cluster.start();
          Load load = Load.of(name, PER_SECOND);
          try (Workload workload = Workload.start(cluster.bootstrap(), load)) {
            workload.awaitAckedEverywhere();
            new Trial(cluster, workload, new Random(seed)).run(name, seed, round);
          }
        });
  }

  private void run(String name, long seed, Round round) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    int rounds = 0;
    while (rounds == 0 || System.nanoTime() < end) {
      round.run(this);
      rounds++;
      workload.awaitAckedEverywhere();
      workload.awaitInSync();
    }
    workload.endWriting();
    Verdict verdict = workload.verify(cluster.data());
    print(name + ": " + rounds + " rounds, " + verdict);
    print(name + ": failed sends " + workload.history().failures());
    print(name + ": gaps by default settings: " + figures(workload.gapsByDefault()));
    print(name + ": gaps of impatient clients: " + figures(workload.gapsOfImpatient()));
    verdict.requireClean(name + ", seed " + seed);
  }

  private static String figures(List<Gaps.AfterFault> gaps) {
    return "in partitions whose leader was hit "
        + figures(gaps, Gaps.AfterFault::hitMs)
        + ", in the others "
        + figures(gaps, Gaps.AfterFault::othersMs)
        + ", in all together "
        + figures(gaps, Gaps.AfterFault::overallMs)
        + " ms (least / middle / most of "
        + gaps.size()
        + ")";
  }

  private static String figures(List<Gaps.AfterFault> gaps, ToLongFunction<Gaps.AfterFault> of) {
    long[] sorted = gaps.stream().mapToLong(of).sorted().toArray();
    return sorted.length == 0
        ? "-"
        : sorted[0] + " / " + sorted[sorted.length / 2] + " / " + sorted[sorted.length - 1];
  }

  TestCluster cluster() {
    return cluster;
  }

  Workload workload() {
    return workload;
  }

  Random random() {
    return random;
  }

  /** Some node that leads partitions of the workload. */
  TestNode someLeader() throws IOException {
    List<TestNode> nodes = cluster.living();
    int first = random.nextInt(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      TestNode node = nodes.get((first + i) % nodes.size());
      if (!workload.ledBy(node.id()).isEmpty()) {
        return node;
      }
    }
    throw new AssertionError("nobody leads anything");
  }

  /** Some node. */
  TestNode someNode() {
    List<TestNode> nodes = cluster.nodes();
    return nodes.get(random.nextInt(nodes.size()));
  }

  /**
   * Writes down what is about to be done to some nodes; before, as they lead no longer after it.
   */
  void willHit(String fault, TestNode... nodes) throws IOException {
    Set<TopicPartition> hit = new HashSet<>();
    for (TestNode node : nodes) {
      hit.addAll(workload.ledBy(node.id()));
    }
    workload.fault(fault, hit);
  }

  /** Lets the workload go on for a time that the seed chooses. */
  void goOnFor(int leastMs, int mostMs) {
    Waiting.goBy(Duration.ofMillis(leastMs + random.nextInt(mostMs - leastMs + 1)));
  }

  /** A time that is shorter in CI. */
  static int ms(int inCi, int atLength) {
    return LONG ? atLength : inCi;
  }

  @SuppressWarnings("SystemOut") // figures for a person
  private static void print(String line) {
    System.out.println(line);
  }
}
