package io.penstock.cluster.nodes;

import io.penstock.cluster.nodes.NodeSoftware.Link;
import io.penstock.cluster.process.Command;
import io.penstock.cluster.process.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A cluster of processes of the distribution on loopback, with the faults of a cluster by name.
 * Node ids count from 1. Closing it ends every process, paused ones too. Used by one thread.
 */
public final class TestCluster implements AutoCloseable {

  /** What a test does with a cluster. */
  @FunctionalInterface
  public interface Scenario {
    void run(TestCluster cluster) throws Exception;
  }

  /**
   * The shape of a cluster.
   *
   * @param voters how many nodes begin it; they have the lowest ids
   * @param relayed whether links between its nodes can be cut
   * @param clusterSettings further lines below {@code cluster:}
   */
  public record Shape(int voters, boolean relayed, List<String> clusterSettings) {
    public static Shape of(int voters) {
      return new Shape(voters, false, List.of());
    }

    public Shape relays() {
      return new Shape(voters, true, clusterSettings);
    }

    public Shape with(String... settings) {
      return new Shape(voters, relayed, List.of(settings));
    }
  }

  private final Shape shape;
  private final Path directory;
  private final Map<Integer, TestNode> nodes = new ConcurrentSkipListMap<>();
  private final Map<Integer, List<Link>> links = new TreeMap<>();
  private final NodeSoftware software = NodeSoftware.chosen();
  private final List<TestNode> twins = new ArrayList<>();
  private final PeerNetwork network = new PeerNetwork(this::pids);

  private TestCluster(String name, Shape shape) {
    this.shape = shape;
    this.directory = Distribution.scratch(name);
  }

  /** Runs a scenario on a cluster that has not started; a failure prints what the nodes said. */
  public static void run(String name, Shape shape, Scenario scenario) throws Exception {
    try (TestCluster cluster = new TestCluster(name, shape)) {
      cluster.layOut();
      try {
        scenario.run(cluster);
      } catch (Exception | AssertionError failure) {
        cluster.printLogs();
        throw failure;
      }
    }
  }

  private void layOut() throws IOException {
    for (int id = 1; id <= shape.voters(); id++) {
      reservePorts(id);
    }
    for (int id = 1; id <= shape.voters(); id++) {
      writeNode(id, 0);
    }
  }

  private void reservePorts(int id) throws IOException {
    List<Link> reserved = new ArrayList<>();
    for (int i = 0; i < software.links(); i++) {
      List<Integer> ports = Ports.free(2);
      int reached = shape.relayed() ? ports.get(1) : ports.get(0);
      reserved.add(new Link(ports.get(0), reached));
      if (shape.relayed()) {
        network.relay(id, reached, ports.get(0));
      }
    }
    links.put(id, reserved);
  }

  private Link link(int id) {
    List<Link> found = links.get(id);
    if (found == null) {
      throw new IllegalStateException("no ports for node " + id);
    }
    return found.getFirst();
  }

  private TestNode writeNode(int id, int seed) throws IOException {
    TestNode known = nodes.get(id);
    int port = known == null ? Ports.free(1).getFirst() : known.port();
    Path home = Files.createDirectories(directory.resolve("node" + id));
    TestNode node = known == null ? new TestNode(id, port, home, software) : known;
    Map<Integer, List<Link>> voters = new TreeMap<>(links);
    voters.keySet().removeIf(other -> other > shape.voters());
    List<Link> own = links.getOrDefault(id, List.of());
    software.configure(new NodeSoftware.Plan(node, own, voters, seed, shape.clusterSettings()));
    nodes.put(id, node);
    return node;
  }

  /** Adds a node that is named no voter and finds the others by node {@code by}; not started. */
  public TestNode addNode(int id, int by) throws IOException {
    reservePorts(id);
    return writeNode(id, link(by).reached());
  }

  /** A second node that says to be node {@code id}, with another disk; not started. */
  public TestNode addTwin(int id) throws IOException {
    List<Integer> ports = Ports.free(2);
    Path home = Files.createDirectories(directory.resolve("twin" + id));
    TestNode twin = new TestNode(id, ports.get(0), home, software);
    List<Link> own = List.of(new Link(ports.get(1), ports.get(1)));
    int seed = link(id == 1 ? 2 : 1).reached();
    software.configure(new NodeSoftware.Plan(twin, own, Map.of(), seed, List.of()));
    twins.add(twin);
    return twin;
  }

  /** A node by its id. */
  public TestNode node(int id) {
    TestNode node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("there is no node " + id);
    }
    return node;
  }

  /** All nodes, by rising id. */
  public List<TestNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /** The nodes whose processes run, by rising id. */
  public List<TestNode> living() {
    return nodes.values().stream().filter(TestNode::isAlive).toList();
  }

  /** The nodes but this one, by rising id. */
  public List<TestNode> others(TestNode node) {
    return nodes.values().stream().filter(other -> other.id() != node.id()).toList();
  }

  /** Starts every node that does not run, all at once, and waits until they are up. */
  public void start() {
    List<TestNode> fresh = nodes.values().stream().filter(node -> !node.isAlive()).toList();
    fresh.forEach(TestNode::launch);
    fresh.forEach(TestNode::awaitUp);
  }

  /** The data directory of each node. */
  public Map<Integer, Path> data() {
    return nodes.values().stream().collect(Collectors.toMap(TestNode::id, TestNode::data));
  }

  /** The addresses of all nodes, for clients. */
  public String bootstrap() {
    return nodes.values().stream().map(TestNode::bootstrap).collect(Collectors.joining(","));
  }

  /** Cuts a node off from all others. */
  public void isolate(TestNode... some) {
    Set<Integer> cut = Stream.of(some).map(TestNode::id).collect(Collectors.toSet());
    Set<Integer> rest = new HashSet<>(nodes.keySet());
    rest.removeAll(cut);
    network.cut(cut, rest);
  }

  /** Lets nothing pass from one node to another, while the other direction works. */
  public void cutOneWay(TestNode from, TestNode to) {
    network.cutOneWay(Set.of(from.id()), Set.of(to.id()));
  }

  /** Ends all cuts. */
  public void heal() {
    network.heal();
  }

  /** The groups that decide in such a cluster. */
  public List<NodeView.Group> groups() {
    return software.groups();
  }

  /** Gives a voter its vote back whose disk was wiped and that is up again. */
  public void replaceVoter(TestNode wiped) {
    software.replaceVoter(wiped, others(wiped).getFirst());
  }

  /** Runs {@code penstock} with these arguments against a node. */
  public static Command penstock(TestNode node, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--bootstrap", node.bootstrap()));
    List<String> command = Distribution.command(all.toArray(String[]::new));
    return Command.run(90, command.toArray(String[]::new));
  }

  private Map<Integer, Long> pids() {
    Map<Integer, Long> pids = new HashMap<>();
    nodes.forEach((id, node) -> pids.put(id, node.pid()));
    return pids;
  }

  @SuppressWarnings("SystemOut") // what a person needs to see of a failure
  private void printLogs() {
    for (TestNode node : Stream.concat(nodes.values().stream(), twins.stream()).toList()) {
      System.out.println("---- " + node + " pid " + node.pid() + ", last lines");
      System.out.println(node.lastLines());
    }
  }

  @Override
  public void close() {
    nodes.values().forEach(TestNode::kill);
    twins.forEach(TestNode::kill);
    network.close();
  }
}
