package io.penstock.cluster.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.nodes.NodeView.Group;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The leader of a group is killed, or paused, while topics are created by every node: each call
 * succeeds or fails, and its result is the truth afterwards. Prints how long it took until a topic
 * could be created again; {@code penstock.cluster.rounds} says how often that is done.
 */
@Timeout(1800)
class LeaderLossTest {
  private static final int ROUNDS = Sizes.of("penstock.cluster.rounds", 2, 20);

  @ParameterizedTest
  @CsvSource({"LEADERSHIP, kill", "METADATA, kill", "LEADERSHIP, pause", "METADATA, pause"})
  void answersTheTruthWhenTheLeaderIsLost(Group group, String fault) throws Exception {
    List<Long> resumedMs = new ArrayList<>();
    TestCluster.run(
        "leader-" + group + "-" + fault,
        Shape.of(3),
        cluster -> {
          cluster.start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          try (TopicLoop loop = new TopicLoop(cluster.nodes())) {
            for (int round = 0; round < ROUNDS; round++) {
              loop.awaitCreated(loop.created() + 10);
              resumedMs.add(loseAndRegain(cluster, Agreement.leader(cluster, group), fault, loop));
              Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
            }
            loop.end();
            print(group + " leader, " + fault + ": " + loop.counts());
            loop.verify(cluster.nodes());
          }
        });
    print(group + " leader, " + fault + ": created again after " + figures(resumedMs));
    assertTrue(resumedMs.size() == ROUNDS);
  }

  private static long loseAndRegain(
      TestCluster cluster, TestNode leader, String fault, TopicLoop loop) {
    if (fault.equals("kill")) {
      leader.kill();
      long resumed = loop.awaitSuccess(System.nanoTime());
      leader.start();
      return resumed;
    }
    leader.pause();
    long resumed = loop.awaitSuccess(System.nanoTime());
    Agreement.awaitBrokers(
        cluster.others(leader),
        Set.copyOf(cluster.others(leader).stream().map(TestNode::id).toList()));
    leader.resume();
    return resumed;
  }

  private static String figures(List<Long> values) {
    List<Long> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.getFirst()
        + " / "
        + sorted.get(sorted.size() / 2)
        + " / "
        + sorted.getLast()
        + " ms (least, middle, most of "
        + sorted.size()
        + ")";
  }

  @SuppressWarnings("SystemOut") // figures for a person
  private static void print(String line) {
    System.out.println(line);
  }
}
