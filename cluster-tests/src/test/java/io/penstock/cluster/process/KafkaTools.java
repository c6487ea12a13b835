package io.penstock.cluster.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Apache Kafka's command line tools, the newest that are published, one after the other in a
 * process of their own, which is ended where a tool takes too long: nothing else interrupts who
 * reads what a process prints. Used by one thread.
 */
public final class KafkaTools implements AutoCloseable {
  private static final Duration TOOL_MAX = Duration.ofMinutes(2);

  private final Process process;
  private final Duration toolMax;
  private final Writer input;
  private final BufferedReader output;

  /**
   * @param process a {@link ToolShell}
   * @param toolMax so long a tool may take
   */
  KafkaTools(Process process, Duration toolMax) {
    this.process = process;
    this.toolMax = toolMax;
    this.input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts the process that the tools are run by. */
  public static KafkaTools open() {
    try {
      var own = ToolShell.class.getProtectionDomain().getCodeSource().getLocation();
      // What the tools of that version need of others is there with the current one.
      String jars = jars("kafka-tools") + ":" + jars("kafka-current") + ":" + Path.of(own.toURI());
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      command.addAll(List.of("-cp", jars, ToolShell.class.getName()));
      Process shell = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new KafkaTools(shell, TOOL_MAX);
    } catch (IOException | URISyntaxException failure) {
      throw new IllegalStateException("cannot start Kafka's tools", failure);
    }
  }

  private static String jars(String directory) {
    return Path.of("target", directory).toAbsolutePath() + "/*";
  }

  /** What a tool prints; it is an exception where it ends with one, or ends the process. */
  public String run(String tool, String... arguments) {
    StringBuilder printed = new StringBuilder();
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    var _ =
        ended
            .completeOnTimeout(false, toolMax.toMillis(), TimeUnit.MILLISECONDS)
            .thenAccept(this::endUnless);
    try {
      input.write(tool + "\t" + String.join("\t", arguments) + "\n");
      input.flush();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.equals(ToolShell.ENDED + true)) {
          return printed.toString();
        }
        if (line.equals(ToolShell.ENDED + false)) {
          break;
        }
        printed.append(line).append('\n');
      }
    } catch (IOException failure) {
      throw new IllegalStateException(tool + " has ended: " + printed, failure);
    } finally {
      ended.complete(true);
    }
    boolean late = !ended.join();
    throw new IllegalStateException(
        tool + (late ? " takes longer than " + toolMax : " has failed") + ": " + printed);
  }

  private void endUnless(boolean inTime) {
    if (!inTime) {
      process.toHandle().destroyForcibly(); // the process itself would close what is being read
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
