package io.penstock.cluster.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.penstock.cluster.nodes.NodeView;
import io.penstock.cluster.nodes.NodeView.Group;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links between the nodes are cut: who is with the majority goes on, who is not does not. */
@Timeout(300)
class PartitionedTest {

  @Test
  void goesOnWithoutALeaderThatIsCutOffAndTakesItBack() throws Exception {
    TestCluster.run(
        "cut-leader",
        Shape.of(3).relays(),
        cluster -> {
          cluster.start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          TestNode cut = Agreement.leader(cluster, Group.LEADERSHIP);
          List<TestNode> rest = cluster.others(cut);

          cluster.isolate(cut);

          awaitCreates(rest.getFirst(), "by-the-majority");
          assertNotEquals(Errors.NONE, answerOf(cut, "by-the-minority"));
          Agreement.awaitBrokers(rest, Set.of(rest.get(0).id(), rest.get(1).id()));
          cluster.heal();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          Agreement.awaitTopics(cluster.nodes(), Agreement.topicsOf(rest.getFirst()));
          Agreement.awaitHealthy(cut);
        });
  }

  @Test
  void decidesNothingWhileNoMajorityIsTogetherAndGoesOnAfterwards() throws Exception {
    TestCluster.run(
        "cut-all",
        Shape.of(3).relays(),
        cluster -> {
          cluster.start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));

          cluster.isolate(cluster.node(1));
          cluster.isolate(cluster.node(2));

          for (TestNode node : cluster.nodes()) {
            assertNotEquals(Errors.NONE, answerOf(node, "by-nobody-" + node.id()));
          }
          cluster.heal();
          awaitCreates(cluster.node(3), "afterwards");
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          Agreement.awaitTopics(cluster.nodes(), Agreement.topicsOf(cluster.node(3)));
          Agreement.awaitHealthy(cluster.node(1));
        });
  }

  private static Errors answerOf(TestNode node, String topic) throws IOException {
    try (NodeView view = new NodeView(node)) {
      return view.create(topic, 1, 1, 1_000_000, 3_000);
    }
  }

  private static void awaitCreates(TestNode by, String topic) {
    await("creating " + topic)
        .atMost(Duration.ofSeconds(40))
        .ignoreExceptions()
        .until(() -> {
          Errors answer = answerOf(by, topic);
          // Asked before there was a new leader, it may have been made after the answer.
          return answer == Errors.NONE || answer == Errors.TOPIC_ALREADY_EXISTS;
        });
  }
}
