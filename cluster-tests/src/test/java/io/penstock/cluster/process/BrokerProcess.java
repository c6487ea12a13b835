package io.penstock.cluster.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One {@code penstock dev} process on a data directory. Its standard output is read for the
 * bootstrap line; standard error goes to {@code broker.log} beside the data. Stopping is by pid of
 * this process alone.
 */
public final class BrokerProcess implements AutoCloseable {
  private static final long START_SECONDS_MAX = 60;
  private static final long STOP_SECONDS_MAX = 30;

  private final Process process;
  private final Path log;
  private final String bootstrap;

  private BrokerProcess(Process process, Path log, String bootstrap) {
    this.process = process;
    this.log = log;
    this.bootstrap = bootstrap;
  }

  /**
   * Starts a broker on {@code data} with the default settings and a port of the system's choice.
   */
  public static BrokerProcess start(Path data) {
    return start(data, 0);
  }

  /** Starts a broker with these further options of {@code penstock dev}. */
  public static BrokerProcess start(Path data, int port, String... options) {
    List<String> arguments = new ArrayList<>(List.of("dev", "--port", Integer.toString(port)));
    arguments.addAll(List.of("--data", data.toString()));
    arguments.addAll(List.of(options));
    Path log = data.resolveSibling(data.getFileName() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(Distribution.command(arguments.toArray(String[]::new)))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      Process process = builder.start();
      return new BrokerProcess(process, log, awaitBootstrap(process, log));
    } catch (IOException failure) {
      throw new IllegalStateException("cannot start a broker on " + data, failure);
    }
  }

  private static String awaitBootstrap(Process process, Path log) {
    CompletableFuture<@Nullable String> address =
        CompletableFuture.supplyAsync(() -> readBootstrap(process));
    try {
      String bootstrap = address.get(START_SECONDS_MAX, TimeUnit.SECONDS);
      if (bootstrap != null) {
        return bootstrap;
      }
      throw new IllegalStateException("the broker ended before it was ready:\n" + tail(log));
    } catch (InterruptedException | ExecutionException | TimeoutException failure) {
      process.destroyForcibly();
      throw new IllegalStateException("the broker did not get ready:\n" + tail(log), failure);
    }
  }

  private static @Nullable String readBootstrap(Process process) {
    // The reader stays open: a closed pipe would end a broker that prints once more.
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return reader
        .lines()
        .filter(line -> line.startsWith("bootstrap "))
        .map(line -> line.substring("bootstrap ".length()).trim())
        .findFirst()
        .orElse(null);
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException failure) {
      return "(no log: " + failure + ")";
    }
  }

  /** host:port for clients. */
  public String bootstrap() {
    return bootstrap;
  }

  /** The port that the broker listens on. */
  public int port() {
    return Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1));
  }

  /** The process id of the broker's JVM. */
  public long pid() {
    return process.pid();
  }

  /** What the broker wrote to standard error, the last lines of it. */
  public String log() {
    return tail(log);
  }

  /** True while the process runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** kill -9, as a crash: nothing is flushed or closed by the broker. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM; returns the exit code. */
  public int stop() {
    process.destroy();
    return awaitEnd();
  }

  private int awaitEnd() {
    try {
      if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("the broker did not stop:\n" + tail(log));
      }
      return process.exitValue();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a broker stops", interrupt);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroyForcibly();
      awaitEnd();
    }
  }
}
