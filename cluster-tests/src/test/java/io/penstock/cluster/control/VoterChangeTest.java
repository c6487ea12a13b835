package io.penstock.cluster.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.nodes.NodeView;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import io.penstock.cluster.process.Command;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Voters lose their disks, are replaced, come and go, as an operator makes them. */
@Timeout(300)
class VoterChangeTest {

  @Test
  void aWipedVoterFollowsUntilItsVoteIsMovedToItsNewDisk() throws Exception {
    TestCluster.run(
        "wiped",
        Shape.of(3),
        cluster -> {
          startWithTopic(cluster);
          TestNode wiped = cluster.node(3);
          wiped.kill();
          wiped.wipe();

          wiped.start();

          Agreement.awaitTopics(cluster.nodes(), List.of("before"));
          assertTrue(wiped.output().contains("cluster voters replace 3"), wiped::output);
          succeeds(TestCluster.penstock(cluster.node(1), "cluster", "voters", "replace", "3"));
          Agreement.awaitVoters(cluster.node(1), Set.of(1, 2, 3));
          Agreement.awaitHealthy(cluster.node(2));
          cluster.node(1).kill();
          awaitCreates(cluster.node(3), "after");
          Agreement.awaitTopics(cluster.living(), List.of("after", "before"));
        });
  }

  @Test
  void aNodeWhoseRaftDirectoryVanishedRefusesToStartAndNamesTheRemedy() throws Exception {
    TestCluster.run(
        "vanished",
        Shape.of(3),
        cluster -> {
          startWithTopic(cluster);
          TestNode damaged = cluster.node(2);
          assertEquals(0, damaged.stop());
          damaged.wipe("control");

          damaged.launch();

          assertNotEquals(0, damaged.awaitEnd());
          assertTrue(damaged.output().contains("control"), damaged::output);
          Agreement.awaitTopics(cluster.living(), List.of("before"));
        });
  }

  @Test
  void aFourthAndAFifthVoterLetTwoOthersGo() throws Exception {
    TestCluster.run(
        "five",
        Shape.of(3),
        cluster -> {
          startWithTopic(cluster);
          cluster.addNode(4, 1).start();
          cluster.addNode(5, 2).start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3, 4, 5));

          succeeds(TestCluster.penstock(cluster.node(4), "cluster", "voters", "add", "4"));
          succeeds(TestCluster.penstock(cluster.node(1), "cluster", "voters", "add", "5"));

          Agreement.awaitVoters(cluster.node(5), Set.of(1, 2, 3, 4, 5));
          Agreement.awaitHealthy(cluster.node(4));
          cluster.node(1).kill();
          cluster.node(2).kill();
          awaitCreates(cluster.node(4), "after");
          Agreement.awaitTopics(cluster.living(), List.of("after", "before"));
          Command refused =
              TestCluster.penstock(cluster.node(3), "cluster", "voters", "remove", "3");
          assertNotEquals(0, refused.exitCode(), "2 of 4 would be no majority");
          Agreement.awaitVoters(cluster.node(5), Set.of(1, 2, 3, 4, 5));
        });
  }

  @Test
  void aRemovedVoterGoesOnAsAnObserverAndCanComeBack() throws Exception {
    TestCluster.run(
        "removed",
        Shape.of(3),
        cluster -> {
          startWithTopic(cluster);

          succeeds(TestCluster.penstock(cluster.node(1), "cluster", "voters", "remove", "3"));

          Agreement.awaitVoters(cluster.node(1), Set.of(1, 2));
          awaitCreates(cluster.node(3), "by-an-observer");
          Agreement.awaitTopics(cluster.nodes(), List.of("before", "by-an-observer"));
          cluster.node(3).kill();
          cluster.node(3).start();
          succeeds(TestCluster.penstock(cluster.node(2), "cluster", "voters", "add", "3"));
          Agreement.awaitVoters(cluster.node(3), Set.of(1, 2, 3));
          Agreement.awaitHealthy(cluster.node(3));
        });
  }

  @Test
  void aVoterThatIsNoBrokerKeepsTheMajorityAndHoldsNoReplica() throws Exception {
    TestCluster.run(
        "votes-only",
        Shape.of(3),
        cluster -> {
          TestNode votes = cluster.node(3);
          votes.configure("node", "broker: false");
          cluster.start();
          List<TestNode> brokers = List.of(cluster.node(1), cluster.node(2));
          Agreement.awaitBrokers(brokers, Set.of(1, 2));
          Agreement.awaitVoters(cluster.node(1), Set.of(1, 2, 3));
          try (NodeView view = new NodeView(cluster.node(1))) {
            assertEquals(Errors.NONE, view.create("before", 4, 2, 1_000_000, 10_000));
            assertNotEquals(Errors.NONE, view.create("wide", 1, 3, 1_000_000, 10_000));
          }
          Agreement.awaitHealthy(cluster.node(2));

          cluster.node(1).kill();
          awaitCreates(cluster.node(2), "after");
          cluster.node(1).start();
          assertEquals(0, votes.stop());
          votes.start();

          Agreement.awaitTopics(brokers, List.of("after", "before"));
          Agreement.awaitHealthy(cluster.node(1));
        });
  }

  private static void startWithTopic(TestCluster cluster) throws Exception {
    cluster.start();
    Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
    try (NodeView view = new NodeView(cluster.node(1))) {
      view.create("before", 3, 3);
    }
    Agreement.awaitTopics(cluster.nodes(), List.of("before"));
  }

  private static void succeeds(Command command) {
    assertEquals(0, command.exitCode(), command::output);
  }

  private static void awaitCreates(TestNode by, String topic) {
    await("creating " + topic)
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> {
          try (NodeView view = new NodeView(by)) {
            Errors answer = view.create(topic, 1, 1, 1_000_000, 5_000);
            return answer == Errors.NONE || answer == Errors.TOPIC_ALREADY_EXISTS;
          }
        });
  }
}
