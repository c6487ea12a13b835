package io.penstock.node.dev;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One node as a child of this process, with a thread for each of its two outputs and one that waits
 * for its end. Its standard input is a pipe that nothing is written to: it ends when this process
 * does, however that comes about, and the child with it.
 */
final class NodeChild {

  /** Told of a child, on threads of its own, one call at a time for each kind. */
  interface Watcher {

    /** A line of standard output. */
    void said(DevNode node, String line);

    /** A line of standard error. */
    void complained(DevNode node, String line);

    /** The last call, after every line. */
    void ended(DevNode node, int exitCode);
  }

  private final Process process;
  private final Thread end;

  private NodeChild(Process process, Thread end) {
    this.process = process;
    this.end = end;
  }

  /**
   * Starts the node.
   *
   * @param command how `penstock` is run on this machine
   */
  static NodeChild start(DevNode node, List<String> command, Watcher watcher) throws IOException {
    List<String> whole = new ArrayList<>(command);
    whole.addAll(
        List.of("server", "--config", node.configuration().toString(), "--until-input-ends"));
    Process process = new ProcessBuilder(whole).start();
    Thread out = pump(node, process.getInputStream(), line -> watcher.said(node, line));
    Thread err = pump(node, process.getErrorStream(), line -> watcher.complained(node, line));
    Thread end =
        thread(node, "end").start(() -> awaitEnd(process, List.of(out, err), node, watcher));
    return new NodeChild(process, end);
  }

  private static Thread.Builder thread(DevNode node, String job) {
    return Thread.ofPlatform().name("penstock-dev-" + node.id() + "-" + job).daemon();
  }

  private static Thread pump(DevNode node, InputStream from, Consumer<String> to) {
    return thread(node, "lines")
        .start(() -> {
          try (BufferedReader reader =
              new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            reader.lines().forEach(to);
          } catch (IOException | UncheckedIOException closed) {
            // The stream of a child that was killed ends in either way.
          }
        });
  }

  private static void awaitEnd(Process process, List<Thread> pumps, DevNode node, Watcher watcher) {
    try {
      int code = process.waitFor();
      for (Thread pump : pumps) {
        pump.join();
      }
      watcher.ended(node, code);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long pid() {
    return process.pid();
  }

  /** SIGTERM, but not by {@code Process}: that closes the pipes, and the last lines are lost. */
  void stop() {
    process.toHandle().destroy();
  }

  /** Whether it ends within this time, and everything about it was told. */
  boolean hasEndedWithin(long timeoutMs) throws InterruptedException {
    return end.join(Duration.ofMillis(timeoutMs));
  }

  int exitCode() {
    return process.exitValue();
  }

  /** kill -9. */
  void kill() {
    process.toHandle().destroyForcibly();
  }
}
