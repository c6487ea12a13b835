package io.penstock.cluster.nodes;

import io.penstock.cluster.process.Command;
import io.penstock.cluster.process.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Nodes of the distribution. They are up when they have said so. */
final class PenstockSoftware implements NodeSoftware {
  private static final int REPLACE_TRIES_MAX = 5;

  @Override
  public int links() {
    return 1;
  }

  @Override
  public void configure(Plan plan) throws IOException {
    TestNode node = plan.node();
    Link link = plan.links().getFirst();
    List<String> lines = new ArrayList<>();
    lines.addAll(List.of("node:", "  id: " + node.id(), "  rack: r" + node.id()));
    lines.addAll(List.of("cluster:", "  " + membership(plan)));
    plan.settings().forEach(setting -> lines.add("  " + setting));
    lines.addAll(List.of("data:", "  directories: [\"" + node.data() + "\"]"));
    lines.addAll(List.of("listener:", "  address: " + node.bootstrap()));
    lines.addAll(List.of("peer:", "  address: 127.0.0.1:" + link.listens()));
    if (plan.isRelayed()) {
      lines.add("  advertised: 127.0.0.1:" + link.reached());
    }
    Files.write(node.configuration(), lines);
  }

  private static String membership(Plan plan) {
    Map<Integer, List<Link>> voters = plan.voters();
    if (plan.seed() != 0) {
      return "join: [127.0.0.1:" + plan.seed() + "]";
    }
    return voters.entrySet().stream()
        .map(voter -> voter.getKey() + "@127.0.0.1:" + voter.getValue().getFirst().reached())
        .collect(Collectors.joining(", ", "voters: [", "]"));
  }

  @Override
  public List<String> command(TestNode node) {
    return Distribution.command("server", "--config", node.configuration().toString());
  }

  @Override
  public boolean isUp(TestNode node) {
    return node.output()
        .lines()
        .anyMatch(line -> line.startsWith("bootstrap ") || line.startsWith("no broker"));
  }

  @Override
  public List<NodeView.Group> groups() {
    return List.of(NodeView.Group.LEADERSHIP, NodeView.Group.METADATA);
  }

  @Override
  public void replaceVoter(TestNode wiped, TestNode asked) {
    String id = Integer.toString(wiped.id());
    Command done = TestCluster.penstock(asked, "cluster", "voters", "replace", id);
    for (int tries = 1; done.exitCode() != 0 && tries < REPLACE_TRIES_MAX; tries++) {
      done = TestCluster.penstock(asked, "cluster", "voters", "replace", id); // as it says to do
    }
    if (done.exitCode() != 0) {
      throw new IllegalStateException("node " + id + " does not vote again: " + done.output());
    }
  }
}
