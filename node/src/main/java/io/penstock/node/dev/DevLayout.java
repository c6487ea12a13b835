package io.penstock.node.dev;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * Which nodes a cluster in one directory has, on which ports, and which of them vote: the same
 * again at every start, because nodes know each other by what was written at the first. Immutable.
 *
 * @param voters as the configurations name them
 */
public record DevLayout(Path directory, List<DevNode> nodes, String voters) {

  /** What {@code --nodes} can be. */
  public static final int NODES_MAX = 100;

  /**
   * Where the ports for peers begin, after the first one for clients. Far enough that a second
   * cluster beside this one does not meet them, and the same whatever the number of nodes is.
   */
  private static final int PEER_PORTS_AFTER = 500;

  private static final int VOTERS_MAX = 5;

  /** Of a topic that is created without saying how many. */
  private static final int REPLICAS_MAX = 3;

  private static final int FREE_PORTS_FROM = 10_000;
  private static final int FREE_PORTS_TO = 30_000;
  private static final int FREE_PORT_TRIES = 1_000;

  public DevLayout {
    nodes = List.copyOf(nodes);
  }

  /**
   * The layout of {@code count} nodes whose clients come to {@code firstPort} and the ports after
   * it, or to free ports where that is 0. Nodes that were here before keep their ports for peers
   * and their voters; nodes beyond them join as observers.
   */
  public static DevLayout plan(Path directory, int count, int firstPort) throws DevException {
    Path home = directory.toAbsolutePath().normalize();
    int before = countBefore(home);
    if (before > count) {
      throw new DevException(
          home
              + " holds a cluster of "
              + before
              + " nodes; start it with --nodes "
              + before
              + ", or name another directory with --data");
    }
    try {
      List<DevNode> nodes = new ArrayList<>();
      for (int id = 1; id <= count; id++) {
        nodes.add(node(home, id, firstPort));
      }
      return new DevLayout(home, nodes, voters(nodes, before));
    } catch (IOException e) {
      throw new DevException("cannot lay out a cluster in " + home + ": " + e.getMessage(), e);
    }
  }

  private static int countBefore(Path home) {
    int count = 0;
    while (count < NODES_MAX && Files.exists(configuration(home, count + 1))) {
      count++;
    }
    return count;
  }

  private static Path configuration(Path home, int id) {
    return home.resolve("node" + id).resolve("penstock.yaml");
  }

  private static DevNode node(Path home, int id, int firstPort) throws IOException, DevException {
    Path directory = home.resolve("node" + id);
    Path file = configuration(home, id);
    boolean known = Files.exists(file);
    int port = firstPort + id - 1;
    int peerPort = firstPort + PEER_PORTS_AFTER + id - 1;
    if (firstPort == 0) {
      port = known ? NodeFile.read(file).port() : freePort();
      peerPort = freePort();
    }
    if (known) {
      peerPort = NodeFile.read(file).peerPort();
    }
    if (Math.max(port, peerPort) > 65_535) {
      throw new DevException(
          "the nodes need ports from "
              + firstPort
              + " to "
              + peerPort
              + "; name a lower one with --port");
    }
    return new DevNode(id, port, peerPort, directory);
  }

  /**
   * An even number of voters bears no more losses than one less, and every voter costs each
   * decision an answer.
   */
  private static String voters(List<DevNode> nodes, int before) throws IOException, DevException {
    if (before > 0) {
      return NodeFile.read(nodes.getFirst().configuration()).voters();
    }
    int count = Math.min(VOTERS_MAX, (nodes.size() - 1) / 2 * 2 + 1);
    return nodes.stream().limit(count).map(DevNode::asVoter).collect(Collectors.joining(", "));
  }

  /**
   * A port that nobody listens on, and that the system will not give to an outgoing connection
   * while its node is down.
   */
  private static int freePort() throws IOException {
    for (int i = 0; i < FREE_PORT_TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FREE_PORTS_FROM, FREE_PORTS_TO);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (BindException taken) {
        // Another one then.
      }
    }
    throw new IOException("no free port found");
  }

  /** Writes the configurations that are missing, or name other ports; others are left alone. */
  void write() throws IOException, DevException {
    for (DevNode node : nodes) {
      Files.createDirectories(node.directory());
      Path file = node.configuration();
      if (!Files.exists(file) || NodeFile.read(file).port() != node.port()) {
        NodeFile.write(node, voters, Math.min(REPLICAS_MAX, nodes.size()));
      }
    }
  }

  String bootstrap() {
    return nodes.stream().map(DevNode::bootstrap).collect(Collectors.joining(","));
  }
}
