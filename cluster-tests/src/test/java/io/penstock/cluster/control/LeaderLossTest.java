package io.penstock.cluster.control;

import io.penstock.cluster.nodes.NodeView.Group;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The leader of a group is killed, or paused, while topics are created by every node: each call
 * succeeds or fails, and its result is the truth afterwards. Prints how long it took until a topic
 * could be created again; {@code penstock.cluster.rounds} says how often that is done.
 */
@Timeout(3600)
class LeaderLossTest {
  private static final int ROUNDS = Sizes.of("penstock.cluster.rounds", 1, 20);

  @Test
  void answersTheTruthWhenALeaderIsLost() throws Exception {
    Map<String, List<Long>> resumedMs = new LinkedHashMap<>();
    TestCluster.run(
        "leaders",
        Shape.of(3),
        cluster -> {
          cluster.start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          try (TopicLoop loop = new TopicLoop(cluster.nodes())) {
            for (int round = 0; round < ROUNDS; round++) {
              for (String fault : List.of("kill", "pause")) {
                for (Group group : Group.values()) {
                  loop.awaitCreated(loop.created() + 10);
                  long ms = loseAndRegain(cluster, Agreement.leader(cluster, group), fault, loop);
                  resumedMs
                      .computeIfAbsent(fault + " of the " + group, _ -> new ArrayList<>())
                      .add(ms);
                  Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
                }
              }
            }
            loop.end();
            print(loop.counts());
            loop.verify(cluster.nodes());
          }
        });
    resumedMs.forEach(
        (fault, values) -> print(fault + " leader: created again after " + figures(values)));
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
