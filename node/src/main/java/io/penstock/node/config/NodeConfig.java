package io.penstock.node.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything an operator may set on a node, checked; {@code conf/penstock.yaml} shows each setting
 * with its default and a sentence. Immutable. Sections are in the order of that file.
 */
public record NodeConfig(
    Identity node,
    Cluster cluster,
    Data data,
    Listener listener,
    Limits limits,
    Threads threads,
    Topics topics) {

  /** Who this node is: its id in the cluster, and the rack its replicas are spread over. */
  public record Identity(int id, @Nullable String rack) {}

  /** The cluster that the node belongs to, and the nodes that decide for it. */
  public record Cluster(String name, List<Voter> voters) {}

  /** A node of the control plane, and where the others reach it. */
  public record Voter(int id, HostPort address) {

    @Override
    public String toString() {
      return id + "@" + address;
    }
  }

  /**
   * Where records are kept: one directory for each disk. {@code adoptKafkaData} lets a new cluster
   * take over the topics that a Kafka broker left in them.
   */
  public record Data(
      List<Path> directories,
      boolean adoptKafkaData,
      Duration retentionCheck,
      int recoveryThreads) {}

  /** Where clients connect, and what they are told to connect to. */
  public record Listener(HostPort address, @Nullable HostPort advertised) {

    /** The address for clients once the socket is bound to a port. */
    public HostPort reachableAt(int boundPort) {
      if (advertised != null) {
        return advertised;
      }
      return address.withPort(boundPort);
    }
  }

  /** What one client, and all of them together, may take of the node. */
  public record Limits(
      int requestBytes,
      long memoryBytes,
      int connections,
      Duration connectionIdle,
      int fetchBytes,
      int fetchSessions,
      int partitions) {}

  /**
   * Threads that serve requests, and threads that read cold data for them; 0 means by CPU count.
   */
  public record Threads(int eventLoops, int coldReads) {}

  /** How topics come to be, and what they are set to where they say nothing themselves. */
  public record Topics(
      boolean autoCreate, int partitions, int replicationFactor, Map<String, String> defaults) {}

  /** The defaults; data goes to the given directory and clients come to the given address. */
  public static NodeConfig defaults(Path directory, HostPort address) {
    HostPort control = new HostPort("127.0.0.1", 9093);
    return new NodeConfig(
        new Identity(1, null),
        new Cluster("penstock", List.of(new Voter(1, control))),
        new Data(List.of(directory), false, Duration.ofMinutes(5), 0),
        new Listener(address, null),
        new Limits(
            100 << 20,
            Math.max(100L << 20, Runtime.getRuntime().maxMemory()),
            10_000,
            Duration.ofMinutes(10),
            55 << 20,
            1_000,
            100_000),
        new Threads(0, 4),
        new Topics(true, 1, 1, Map.of()));
  }

  /** The same, but that a new cluster takes over what a Kafka broker left in the directories. */
  public NodeConfig adoptingKafkaData() {
    Data adopting =
        new Data(data.directories(), true, data.retentionCheck(), data.recoveryThreads());
    return new NodeConfig(node, cluster, adopting, listener, limits, threads, topics);
  }

  public int eventLoopCount() {
    return threads.eventLoops() > 0
        ? threads.eventLoops()
        : Runtime.getRuntime().availableProcessors();
  }
}
