package io.penstock.cluster.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.penstock.cluster.nodes.NodeView;
import io.penstock.cluster.nodes.NodeView.Group;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestNode;
import io.penstock.cluster.process.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What has to be the same on every node, waited for. */
public final class Agreement {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Agreement() {}

  /** Waits until each of these nodes lists exactly these topics. */
  static void awaitTopics(List<TestNode> nodes, Collection<String> topics) {
    for (TestNode node : nodes) {
      await(node + " lists " + topics.size() + " topics")
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(() -> assertEquals(new TreeSet<>(topics), topicsOf(node)));
    }
  }

  /** The topics that a node lists now. */
  static Set<String> topicsOf(TestNode node) throws IOException {
    try (NodeView view = new NodeView(node)) {
      return new TreeSet<>(view.topics().keySet());
    }
  }

  /** Waits until each of these nodes has exactly these brokers alive. */
  public static void awaitBrokers(List<TestNode> nodes, Set<Integer> brokers) {
    for (TestNode node : nodes) {
      await(node + " sees brokers " + brokers)
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(() -> {
            try (NodeView view = new NodeView(node)) {
              assertEquals(new TreeSet<>(brokers), view.livingBrokers());
            }
          });
    }
  }

  /** The node that leads a group; waits for there to be one. */
  public static TestNode leader(TestCluster cluster, Group group) {
    return await("a leader of " + group)
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> currentLeader(cluster, group), node -> node != null && node.isAlive());
  }

  private static TestNode currentLeader(TestCluster cluster, Group group) throws IOException {
    try (NodeView view = new NodeView(cluster.living().getFirst(), 2_000)) {
      var quorum = view.quorum(group);
      assertNotNull(quorum);
      return cluster.node(quorum.leaderId());
    }
  }

  /** Waits until both groups have exactly these voters, and all of them live. */
  static void awaitVoters(TestNode asked, Set<Integer> voters) {
    for (Group group : Group.values()) {
      await(voters + " vote in " + group)
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(() -> {
            try (NodeView view = new NodeView(asked)) {
              var quorum = view.quorum(group);
              assertNotNull(quorum);
              Set<Integer> found = new TreeSet<>();
              quorum.currentVoters().forEach(voter -> found.add(voter.replicaId()));
              assertEquals(new TreeSet<>(voters), found);
              assertEquals(voters.size(), quorum.currentVoters().size());
            }
          });
    }
  }

  /** Waits until {@code penstock cluster status} finds nothing wrong. */
  static void awaitHealthy(TestNode asked) {
    await("a healthy cluster")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> {
          Command status = TestCluster.penstock(asked, "cluster", "status");
          assertEquals(0, status.exitCode(), status::output);
        });
  }
}
