package io.penstock.cluster.nodes;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What the nodes of a {@link TestCluster} are processes of: Penstock, or the peer that a recorded
 * workload is held against as well.
 */
interface NodeSoftware {

  /**
   * A listener for other nodes.
   *
   * @param listens the port that the process listens on
   * @param reached the port that others connect to, which is another one where links can be cut
   */
  record Link(int listens, int reached) {}

  /**
   * How a node begins.
   *
   * @param links its listeners for other nodes
   * @param voters those of the nodes that begin the cluster, by id
   * @param seed the port of a node by which one that is none of these finds the others, or 0
   * @param settings further settings, in the words of the software
   */
  record Plan(
      TestNode node,
      List<Link> links,
      Map<Integer, List<Link>> voters,
      int seed,
      List<String> settings) {
    boolean isRelayed() {
      return links.stream().anyMatch(link -> link.listens() != link.reached());
    }
  }

  /** How many listeners for other nodes a node has. */
  int links();

  /** Writes the configuration file. */
  void configure(Plan plan) throws IOException;

  /** The command that runs a node; called before each start. */
  List<String> command(TestNode node) throws IOException;

  /** Whether a process serves clients. */
  boolean isUp(TestNode node);

  /** The groups that decide. */
  List<NodeView.Group> groups();

  /** Gives a voter its vote back whose disk was wiped; another node is asked for it. */
  void replaceVoter(TestNode wiped, TestNode asked);

  /** The one that the tests are for, unless {@code penstock.cluster.kafka} names Kafka's jars. */
  static NodeSoftware chosen() {
    return KafkaSoftware.isChosen() ? new KafkaSoftware() : new PenstockSoftware();
  }
}
