package io.penstock.cluster.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code penstock dev --nodes 3}, as somebody who tries it sees it. */
@Timeout(240)
class DevNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Path directory;
  private Process dev;

  /** A line of {@code DIR/nodes}. */
  private record Line(long pid, int port) {}

  @BeforeEach
  void start() throws IOException {
    directory = Distribution.scratch("dev");
    dev = launch();
    awaitOutput("bootstrap 127.0.0.1:");
  }

  private Process launch() throws IOException {
    ProcessBuilder.Redirect output = ProcessBuilder.Redirect.appendTo(log().toFile());
    List<String> command =
        Distribution.command(
            "dev",
            "--nodes",
            "3",
            "--port",
            "0",
            "--data",
            directory.resolve("cluster").toString());
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
  }

  private Path log() {
    return directory.resolve("dev.log");
  }

  @AfterEach
  void stop() throws IOException {
    dev.destroyForcibly();
    for (Line line : listed().values()) {
      ProcessHandle.of(line.pid()).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void listsItsNodesAndStopsThemAll() throws Exception {
    Map<Integer, Line> nodes = listed();
    assertEquals(Set.of(1, 2, 3), nodes.keySet());
    assertEquals(3, described(line(2)));

    dev.toHandle().destroy();

    assertTrue(dev.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, dev.exitValue());
    assertEquals(Map.of(), listed());
    nodes.values().forEach(node -> assertFalse(isAlive(node)));
  }

  @Test
  void leavesAKilledNodeToBeStartedAgainByHand() throws Exception {
    Line killed = line(2);
    create("before", killed);

    ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();

    await().atMost(PATIENCE).untilAsserted(() -> assertEquals(Set.of(1, 3), listed().keySet()));
    awaitOutput("node 2: died");
    create("while-away", line(3));
    Path configuration = directory.resolve("cluster").resolve("node2").resolve("penstock.yaml");
    Process again =
        new ProcessBuilder(Distribution.command("server", "--config", configuration.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      await().atMost(PATIENCE).untilAsserted(() -> assertEquals(3, listed().size()));
      assertEquals(new Line(again.pid(), killed.port()), line(2));
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(() -> assertEquals(Set.of("before", "while-away"), topics(killed)));
    } finally {
      again.toHandle().destroy();
      again.waitFor(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void leavesNoNodeBehindWhenItIsKilledItselfAndFindsItsClusterAgain() throws Exception {
    Map<Integer, Line> nodes = listed();
    Line third = line(3);
    create("kept", line(1));

    dev.destroyForcibly();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> nodes.values().forEach(node -> assertFalse(isAlive(node))));
    Files.delete(log());
    dev = launch();
    awaitOutput("bootstrap 127.0.0.1:");
    assertEquals(third.port(), line(3).port());
    assertEquals(Set.of("kept"), topics(line(3)));
  }

  private static boolean isAlive(Line node) {
    return ProcessHandle.of(node.pid()).map(ProcessHandle::isAlive).orElse(false);
  }

  private static int described(Line by) throws Exception {
    try (Admin admin = admin(by)) {
      return admin.describeCluster().nodes().get().size();
    }
  }

  private static void create(String topic, Line by) throws Exception {
    try (Admin admin = admin(by)) {
      admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
    }
  }

  private static Set<String> topics(Line by) throws Exception {
    try (Admin admin = admin(by)) {
      return admin.listTopics().names().get();
    }
  }

  private static Admin admin(Line node) {
    return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + node.port()));
  }

  private void awaitOutput(String text) {
    await(text)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertTrue(Files.readString(log()).contains(text)));
  }

  private Line line(int id) throws IOException {
    Line line = listed().get(id);
    if (line == null) {
      throw new IllegalStateException("DIR/nodes has no node " + id);
    }
    return line;
  }

  private Map<Integer, Line> listed() throws IOException {
    Path file = directory.resolve("cluster").resolve("nodes");
    return Files.readAllLines(file).stream()
        .map(line -> line.split(" ", -1))
        .collect(
            Collectors.toMap(
                fields -> Integer.valueOf(fields[1]),
                fields -> new Line(Long.parseLong(fields[0]), Integer.parseInt(fields[2])),
                (one, _) -> one,
                TreeMap::new));
  }
}
