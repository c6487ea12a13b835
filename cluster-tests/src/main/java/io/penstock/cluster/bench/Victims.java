package io.penstock.cluster.bench;

import io.penstock.cluster.history.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes of a cluster, by a file with a line {@code pid nodeId port} for each, which the
 * command that starts a node again keeps true.
 */
final class Victims {
  private static final Duration END_MAX = Duration.ofMinutes(1);

  private final Path pids;
  private final List<String> restart;

  /**
   * Looks at nothing yet.
   *
   * @param restart the command that starts a node again, to which the node's id is added
   */
  Victims(Path pids, List<String> restart) {
    this.pids = pids;
    this.restart = restart;
  }

  /** The ids of all nodes. */
  List<Integer> nodes() throws IOException {
    return Files.readAllLines(pids).stream()
        .map(line -> Integer.parseInt(line.strip().split("\\s+", -1)[1]))
        .toList();
  }

  private String pid(int node) throws IOException {
    for (String line : Files.readAllLines(pids)) {
      String[] words = line.strip().split("\\s+", -1);
      if (Integer.parseInt(words[1]) == node) {
        return words[0];
      }
    }
    throw new IOException("there is no node " + node);
  }

  /** Sends a signal to a node. */
  void signal(int node, String name) throws IOException, InterruptedException {
    run(List.of("kill", "-" + name, pid(node)));
  }

  /** Waits until a node ends by itself, at most for so long; tells whether it did. */
  boolean endsWithin(Duration longest, int node) throws IOException {
    Path process = stat(node);
    return Waiting.tryUntil(() -> hasEnded(process), longest);
  }

  private Path stat(int node) throws IOException {
    return Path.of("/proc", pid(node), "stat");
  }

  /** Sends a signal that ends a node, and waits for its end. */
  void end(int node, String name) throws IOException, InterruptedException {
    Path process = stat(node);
    signal(node, name);
    Waiting.until(() -> hasEnded(process), END_MAX, () -> "node " + node + " does not end");
  }

  /** A process that nobody has waited for stays as a zombie. */
  private static boolean hasEnded(Path process) {
    try {
      String stat = Files.readString(process);
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
    } catch (IOException gone) {
      return true;
    }
  }

  /** Starts a node again that has ended. */
  void restart(int node) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(restart);
    command.add(Integer.toString(node));
    run(command);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException(command + " failed: " + code);
    }
  }
}
