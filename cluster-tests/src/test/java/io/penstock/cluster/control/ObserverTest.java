package io.penstock.cluster.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.nodes.NodeView;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A node without a vote is away while {@code penstock.cluster.commands} are agreed on, and has them
 * all when it is back.
 */
@Timeout(900)
class ObserverTest {
  private static final int COMMANDS = Sizes.of("penstock.cluster.commands", 400, 10_000);

  @Test
  void hasEveryCommandThatItWasAwayFor() throws Exception {
    TestCluster.run(
        "away",
        Shape.of(3),
        cluster -> {
          TestNode observer = startWithObserver(cluster);
          assertEquals(0, observer.stop());

          agreeOnMuch(cluster);
          observer.start();

          Agreement.awaitTopics(cluster.nodes(), List.of("first", "last"));
          Agreement.awaitHealthy(observer);
        });
  }

  @Test
  void beginsWithASnapshotWhereTheCommandsAreNoLongerThere() throws Exception {
    TestCluster.run(
        "snapshot",
        Shape.of(3),
        cluster -> {
          TestNode observer = startWithObserver(cluster);
          observer.kill();
          observer.wipe();
          agreeOnMuch(cluster);
          for (TestNode voter : cluster.others(observer)) {
            assertEquals(0, voter.stop()); // what it keeps for observers is gone with the process
            voter.start();
          }

          observer.start();

          Agreement.awaitTopics(cluster.nodes(), List.of("first", "last"));
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3, 4));
          Agreement.awaitHealthy(observer);
        });
  }

  @Test
  void seesAndMakesChangesWhileItRuns() throws Exception {
    TestCluster.run(
        "observing",
        Shape.of(3),
        cluster -> {
          TestNode observer = startWithObserver(cluster);

          try (NodeView view = new NodeView(observer)) {
            for (int i = 0; i < 20; i++) {
              view.create("mine-" + i, 1, 1);
              assertEquals(1, view.partitions(List.of("mine-" + i)).size(), "reads what it wrote");
            }
          }

          Agreement.awaitHealthy(observer);
        });
  }

  private static TestNode startWithObserver(TestCluster cluster) throws IOException {
    cluster.start();
    TestNode observer = cluster.addNode(4, 2);
    observer.start();
    Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3, 4));
    Agreement.awaitVoters(observer, Set.of(1, 2, 3));
    try (NodeView view = new NodeView(cluster.node(1))) {
      view.create("first", 1, 1);
    }
    Agreement.awaitTopics(cluster.nodes(), List.of("first"));
    return observer;
  }

  /** Four commands for each topic that comes and goes: it, its setting, and the end of both. */
  private static void agreeOnMuch(TestCluster cluster) throws IOException {
    try (NodeView view = new NodeView(cluster.node(2))) {
      for (int i = 0; i < COMMANDS / 4; i++) {
        view.create("passing-" + i, 1, 1);
        assertEquals(Errors.NONE, view.delete("passing-" + i));
      }
      view.create("last", 1, 1);
    }
  }
}
