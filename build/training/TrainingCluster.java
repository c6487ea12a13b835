import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Three nodes on loopback, each a process of the new distribution, one of which is trained. */
final class TrainingCluster implements AutoCloseable {
  private static final int NODES = 3;
  private static final int START_SECONDS = 60;
  private static final int END_SECONDS = 120; // the trained one writes the cache when it ends
  private static final String HOST = "127.0.0.1";

  private final Path home;
  private final Path directory;
  private final int trained;
  private final Path cache;
  private final List<Integer> ports;
  private final Map<Integer, Process> processes = new ConcurrentHashMap<>();
  private boolean recorded;

  TrainingCluster(Path home, Path directory, int trained, Path cache) throws IOException {
    this.home = home;
    this.directory = directory;
    this.trained = trained;
    this.cache = cache;
    this.ports = freePorts(2 * NODES);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> processes.values().forEach(Process::destroyForcibly)));
    for (int id = 1; id <= NODES; id++) {
      Files.createDirectories(of(id));
      Files.writeString(of(id).resolve("penstock.yaml"), configuration(id));
    }
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getByName(HOST)));
        ports.add(held.getLast().getLocalPort());
      }
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
    return ports;
  }

  private Path of(int id) {
    return directory.resolve("node" + id);
  }

  private int clientPort(int id) {
    return ports.get(2 * id - 2);
  }

  private int peerPort(int id) {
    return ports.get(2 * id - 1);
  }

  private String configuration(int id) {
    List<String> voters = new ArrayList<>();
    for (int other = 1; other <= NODES; other++) {
      voters.add(other + "@" + HOST + ":" + peerPort(other));
    }
    return """
        node:
          id: %d
        cluster:
          voters: [%s]
        data:
          directories: ["%s"]
        listener:
          address: %s:%d
        peer:
          address: %s:%d
        """
        .formatted(id, String.join(", ", voters), of(id).resolve("data"), HOST, clientPort(id), HOST, peerPort(id));
  }

  /** Where clients begin. */
  String bootstrap() {
    return HOST + ":" + clientPort(trained);
  }

  /** The ids of those that are not trained. */
  List<Integer> others() {
    List<Integer> ids = new ArrayList<>();
    for (int id = 1; id <= NODES; id++) {
      if (id != trained) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** Begins with the trained one, so that it is first in the vote. */
  void startAll() throws Exception {
    launch(trained);
    for (int other : others()) {
      launch(other);
    }
    for (int id = 1; id <= NODES; id++) {
      awaitUp(id);
    }
  }

  void start(int id) throws Exception {
    launch(id);
    awaitUp(id);
  }

  private void launch(int id) throws IOException {
    Path configuration = of(id).resolve("penstock.yaml");
    String program = home.resolve("bin/penstock").toString();
    List<String> command = List.of(program, "server", "--config", configuration.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(id).toFile());
    if (id == trained && !recorded) {
      builder.environment().put("PENSTOCK_JVM_OPTS", "-XX:AOTCacheOutput=" + cache);
      recorded = true;
    }
    processes.put(id, builder.start());
  }

  private Path log(int id) {
    return of(id).resolve("log");
  }

  private void awaitUp(int id) throws Exception {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (Files.readString(log(id)).lines().noneMatch(line -> line.startsWith("bootstrap "))) {
      if (!processes.get(id).isAlive() || System.nanoTime() - deadlineNs > 0) {
        throw new IOException("node " + id + " does not start: " + Files.readString(log(id)));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** Ends a node as an operator does. */
  void end(int id) throws Exception {
    Process process = processes.get(id);
    process.destroy();
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("node " + id + " does not end");
    }
  }

  void kill(int id) throws Exception {
    processes.get(id).destroyForcibly().waitFor();
  }

  @Override
  public void close() throws Exception {
    for (Process process : processes.values()) {
      if (process != processes.get(trained)) {
        process.destroyForcibly().waitFor();
      }
    }
    if (processes.containsKey(trained)) {
      end(trained);
    }
    if (!Files.exists(cache)) {
      System.out.println("training run: no cache: " + Files.readString(log(trained)));
    }
  }
}
