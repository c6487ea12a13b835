package io.penstock.cluster.format;

import io.penstock.cluster.process.Command;
import io.penstock.cluster.process.Distribution;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;

/**
 * Apache Kafka of the current version, in processes of its own: a broker on a directory, its tools.
 */
final class Kafka implements AutoCloseable {
  private static final String BROKER_JARS =
      Path.of("target", "kafka-current").toAbsolutePath() + "/*";

  private final Process process;
  private final String bootstrap;

  private Kafka(Process process, String bootstrap) {
    this.process = process;
    this.bootstrap = bootstrap;
  }

  /** Formats {@code data} and starts a broker of one node on it. */
  static Kafka start(Path data) throws IOException {
    int port = freePort();
    int controllerPort = freePort();
    String bootstrap = "127.0.0.1:" + port;
    Path settings = Files.createTempFile(Distribution.scratch("kafka"), "server", ".properties");
    Files.writeString(settings, settings(data, port, controllerPort));
    Command format =
        Command.run(
            120,
            java(
                    BROKER_JARS,
                    "kafka.tools.StorageTool",
                    "format",
                    "--cluster-id",
                    "MkU3OEVBNTcwNTJENDM2Qk",
                    "--config",
                    settings.toString())
                .toArray(String[]::new));
    if (format.exitCode() != 0) {
      throw new IllegalStateException("Kafka does not format its directory: " + format.output());
    }
    Process process =
        new ProcessBuilder(java(BROKER_JARS, "kafka.Kafka", settings.toString()))
            .redirectErrorStream(true)
            .redirectOutput(settings.resolveSibling("kafka.log").toFile())
            .start();
    Kafka kafka = new Kafka(process, bootstrap);
    kafka.awaitReady();
    return kafka;
  }

  private static String settings(Path data, int port, int controllerPort) {
    return String.join(
        "\n",
        "process.roles=broker,controller",
        "node.id=1",
        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
        "controller.listener.names=CONTROLLER",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs=" + data,
        "offsets.topic.replication.factor=1");
  }

  private static List<String> java(String jars, String mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-cp", jars, mainClass));
    command.addAll(List.of(arguments));
    return command;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty());
    }
  }

  String bootstrap() {
    return bootstrap;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
