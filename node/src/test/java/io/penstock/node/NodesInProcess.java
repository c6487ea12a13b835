package io.penstock.node;

import static java.util.stream.Collectors.joining;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.penstock.node.config.ConfigException;
import io.penstock.node.config.NodeConfigReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * Whole nodes in this process, over loopback: 1 to 3 are voters, and there is room for a fourth.
 * Each keeps its data below one directory. Used by the thread of a test.
 */
final class NodesInProcess implements AutoCloseable {
  private static final int NODES = 4;

  private final Path directory;
  private final String furtherYaml;
  private final Map<Integer, Integer> clientPorts = new HashMap<>();
  private final Map<Integer, Integer> peerPorts = new HashMap<>();
  private final Map<Integer, Node> nodes = new HashMap<>();
  private final List<MetricRegistry> registries = new ArrayList<>();

  /**
   * Chooses ports; starts nothing.
   *
   * @param furtherYaml lines for the {@code penstock.yaml} of each
   */
  NodesInProcess(Path directory, String furtherYaml) throws IOException {
    this.directory = directory;
    this.furtherYaml = furtherYaml;
    List<ServerSocket> probes = new ArrayList<>();
    for (int id = 1; id <= NODES; id++) {
      clientPorts.put(id, freePort(probes));
      peerPorts.put(id, freePort(probes));
    }
    for (ServerSocket probe : probes) {
      probe.close();
    }
  }

  private static int freePort(List<ServerSocket> probes) throws IOException {
    ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    probes.add(probe);
    return probe.getLocalPort();
  }

  /** Each on a thread of its own, since voters wait for each other; returns when all are up. */
  void start(List<Integer> ids) {
    List<CompletableFuture<Void>> started = new ArrayList<>();
    for (int id : ids) {
      Node node = node("node" + id + ".yaml", yaml(id));
      nodes.put(id, node);
      CompletableFuture<Void> done = new CompletableFuture<>();
      started.add(done);
      Thread.ofPlatform()
          .name("start-" + id)
          .start(() -> {
            try {
              node.start();
              done.complete(null);
            } catch (NodeStartException | RuntimeException e) {
              done.completeExceptionally(e);
            }
          });
    }
    try {
      CompletableFuture.allOf(started.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private String yaml(int id) {
    return """
    node: {id: %d}
    cluster: {voters: ['1@127.0.0.1:%d', '2@127.0.0.1:%d', '3@127.0.0.1:%d']}
    data: {directories: ['%s']}
    listener: {address: '127.0.0.1:%d'}
    peer: {address: '127.0.0.1:%d'}
    %s
    """
        .formatted(
            id,
            peerPort(1),
            peerPort(2),
            peerPort(3),
            directory(id),
            clientPort(id),
            peerPort(id),
            furtherYaml);
  }

  /** One of any configuration, which the caller starts and closes. */
  Node node(String name, String yaml) {
    MetricRegistry registry = new MetricRegistry();
    registries.add(registry);
    try {
      return new Node(
          NodeConfigReader.parse(name, yaml),
          registry,
          (reason, cause) -> {
            throw new AssertionError(reason, cause);
          },
          _ -> {});
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }

  /** Stops a node in order. */
  void stop(int id) throws IOException {
    Objects.requireNonNull(nodes.remove(id)).close();
  }

  void stopAll() throws IOException {
    for (int id : List.copyOf(nodes.keySet())) {
      stop(id);
    }
  }

  /** Empties the disk of a node that is stopped. */
  void wipe(int id) throws IOException {
    try (Stream<Path> paths = Files.walk(directory(id))) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  Path directory(int id) {
    return directory.resolve("node" + id);
  }

  int clientPort(int id) {
    return Objects.requireNonNull(clientPorts.get(id));
  }

  int peerPort(int id) {
    return Objects.requireNonNull(peerPorts.get(id));
  }

  /** Where the node says how it is; it has to be configured to. */
  String admin(int id) {
    return "http://" + Objects.requireNonNull(nodes.get(id)).adminAddress().orElseThrow();
  }

  String bootstrap(int id) {
    return "127.0.0.1:" + clientPort(id);
  }

  String bootstrap() {
    return clientPorts.keySet().stream().map(this::bootstrap).collect(joining(","));
  }

  /** What all nodes that there were have counted under a name, together. */
  long counted(String counter) {
    return registries.stream().mapToLong(each -> each.counter(counter).getCount()).sum();
  }

  /** What the gauges of this name show that there are on any of these nodes. */
  List<Object> shown(String gauge) {
    List<Object> shown = new ArrayList<>();
    for (MetricRegistry each : registries) {
      Gauge<?> found = each.getGauges().get(gauge);
      if (found != null) {
        shown.add(found.getValue());
      }
    }
    return shown;
  }

  /** Stops all at once: each takes some seconds, and has nobody to hand its partitions to. */
  @Override
  public void close() throws IOException {
    List<CompletableFuture<Void>> closed = new ArrayList<>();
    for (Node node : nodes.values()) {
      closed.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  node.close();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              task -> Thread.ofPlatform().start(task)));
    }
    nodes.clear();
    CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new)).join();
  }
}
