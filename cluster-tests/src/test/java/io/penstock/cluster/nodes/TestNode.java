package io.penstock.cluster.nodes;

import static org.awaitility.Awaitility.await;

import io.penstock.cluster.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One node of a {@link TestCluster}: its configuration, and its process while it runs. What it
 * prints goes to {@code output.log} in its directory, over all its lives. Used by one thread, but
 * for {@link #pid}.
 */
public final class TestNode {
  private static final long STOP_SECONDS_MAX = 40;
  private static final Duration UP_MAX = Duration.ofMinutes(3);
  private static final int LOG_LINES_SHOWN = 60;

  private final int id;
  private final int port;
  private final Path directory;
  private final NodeSoftware software;
  private volatile @Nullable Process process;
  private boolean paused;
  private long logRead;

  TestNode(int id, int port, Path directory, NodeSoftware software) {
    this.software = software;
    this.id = id;
    this.port = port;
    this.directory = directory;
  }

  /** The node's id in the cluster. */
  public int id() {
    return id;
  }

  /** host:port for clients. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** Where clients connect. */
  public int port() {
    return port;
  }

  /** The configuration file. */
  public Path configuration() {
    return directory.resolve("penstock.yaml");
  }

  /** The data directory. */
  public Path data() {
    return directory.resolve("data");
  }

  private Path log() {
    return directory.resolve("output.log");
  }

  /** The process id, or -1 where it does not run. */
  public long pid() {
    Process running = process;
    return running == null || !running.isAlive() ? -1 : running.pid();
  }

  public boolean isAlive() {
    return pid() >= 0;
  }

  /** Starts the process and does not wait for anything. */
  public void launch() {
    if (isAlive()) {
      throw new IllegalStateException("node " + id + " runs already");
    }
    try {
      logRead = Files.exists(log()) ? Files.size(log()) : 0;
      List<String> command = software.command(this);
      ProcessBuilder.Redirect output = ProcessBuilder.Redirect.appendTo(log().toFile());
      process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot start node " + id, failure);
    }
  }

  /** Waits until the node that was launched serves clients. */
  public void awaitUp() {
    await("node " + id + " is up")
        .atMost(UP_MAX)
        .pollInterval(Duration.ofMillis(20))
        .failFast("node " + id + " ended", () -> !isAlive() && !isUp())
        .until(this::isUp);
  }

  /** Starts the process and waits until it serves clients. */
  public void start() {
    launch();
    awaitUp();
  }

  /** Whether the node has come up, to serve clients or to vote only, since launched last. */
  public boolean isUp() {
    return software.isUp(this);
  }

  /** Adds a setting to a section of its configuration, for the next start. */
  public void configure(String section, String setting) {
    try {
      String yaml = Files.readString(configuration());
      String heading = section + ":\n";
      if (!yaml.contains(heading)) {
        throw new IllegalArgumentException("no section " + section + " in " + yaml);
      }
      Files.writeString(configuration(), yaml.replace(heading, heading + "  " + setting + "\n"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Everything that the process has printed since it was launched last. */
  public String output() {
    try {
      byte[] all = Files.exists(log()) ? Files.readAllBytes(log()) : new byte[0];
      int from = (int) Math.min(logRead, all.length);
      return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The last lines of all lives of the process, for a person. */
  String lastLines() {
    try {
      List<String> lines = Files.exists(log()) ? Files.readAllLines(log()) : List.of();
      int from = Math.max(0, lines.size() - LOG_LINES_SHOWN);
      return String.join("\n", lines.subList(from, lines.size()));
    } catch (IOException failure) {
      return "(no log: " + failure + ")";
    }
  }

  /** kill -9. */
  public void kill() {
    Process running = process;
    if (running != null && running.isAlive()) {
      running.destroyForcibly();
      awaitEnd(running);
    }
    paused = false;
  }

  /** SIGTERM, and its end; returns the exit code. */
  public int stop() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("node " + id + " was never started");
    }
    resume();
    running.toHandle().destroy();
    return awaitEnd(running);
  }

  /** Waits for a process to end by itself; returns the exit code. */
  public int awaitEnd() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("node " + id + " was never started");
    }
    return awaitEnd(running);
  }

  private int awaitEnd(Process running) {
    try {
      if (!running.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        running.destroyForcibly();
        throw new IllegalStateException("node " + id + " did not stop");
      }
      return running.exitValue();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while node " + id + " stops", interrupt);
    }
  }

  /** SIGSTOP: the process keeps its connections and says nothing. */
  public void pause() {
    signal("STOP");
    paused = true;
  }

  /** SIGCONT, where it was paused. */
  public void resume() {
    if (paused) {
      signal("CONT");
      paused = false;
    }
  }

  private void signal(String name) {
    long pid = pid();
    if (pid >= 0) {
      Command.run(10, "sh", "-c", "kill -" + name + " " + pid);
    }
  }

  /** Deletes the data directory of a node that does not run, as a new disk would. */
  public void wipe() {
    deleteTree(data());
  }

  /** Deletes a part of the data directory of a node that does not run. */
  public void wipe(String part) {
    deleteTree(data().resolve(part));
  }

  private void deleteTree(Path tree) {
    if (isAlive()) {
      throw new IllegalStateException("node " + id + " runs");
    }
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : new ArrayList<>(paths.sorted(Comparator.reverseOrder()).toList())) {
        Files.delete(path);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public String toString() {
    return "node " + id;
  }
}
