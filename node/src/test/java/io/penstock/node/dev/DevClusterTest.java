package io.penstock.node.dev;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The nodes are shell scripts that say what a node says, and wait to be told to stop. */
@Timeout(60)
final class DevClusterTest {

  private static final String OBEDIENT =
      """
      trap 'echo "state fenced"; exit 0' TERM
      echo "bootstrap here"
      echo "a word of node" >&2
      sleep 30 >/dev/null 2>&1 &
      wait
      """;

  @TempDir Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<DevCluster> started = new ArrayList<>();
  private final List<FutureTask<Integer>> ends = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    started.forEach(DevCluster::stop);
    for (FutureTask<Integer> end : ends) {
      assertTrue(end.get(30, TimeUnit.SECONDS) >= 0); // nothing writes to the directory any more
    }
  }

  @Test
  void announcesTheClusterOnceEveryNodeIsUp() throws Exception {
    FutureTask<Integer> end = start(3, OBEDIENT);

    await()
        .untilAsserted(() -> assertTrue(printed().contains("bootstrap 127.0.0.1:"), this::printed));

    assertEquals(List.of("1", "2", "3"), nodeIdsListed());
    assertTrue(printed().contains("node 2: up"), this::printed);
    await().untilAsserted(() -> assertTrue(complained().contains("node 3 | a word of node")));
    assertFalse(end.isDone());
  }

  @Test
  void stopsEveryNodeInOrderAndListsNoneThen() throws Exception {
    FutureTask<Integer> end = start(2, OBEDIENT);
    await()
        .untilAsserted(() -> assertTrue(printed().contains("bootstrap 127.0.0.1:"), this::printed));

    int code = started.getFirst().stop();

    assertEquals(0, code);
    assertEquals(0, end.get(30, TimeUnit.SECONDS));
    assertTrue(printed().contains("node 1: fenced"), this::printed);
    assertTrue(printed().contains("node 1: stopped"), this::printed);
    assertEquals(List.of(), nodeIdsListed());
  }

  @Test
  void reportsANodeThatDiesAndDoesNotStartItAgain() throws Exception {
    FutureTask<Integer> end = start(3, OBEDIENT);
    await()
        .untilAsserted(() -> assertTrue(printed().contains("bootstrap 127.0.0.1:"), this::printed));
    long pid = Long.parseLong(listed().get(1).split(" ", -1)[0]);

    ProcessHandle.of(pid).orElseThrow().destroyForcibly();

    await().untilAsserted(() -> assertEquals(List.of("1", "3"), nodeIdsListed()));
    await().untilAsserted(() -> assertTrue(printed().contains("node 2: died, exit code 137")));
    assertFalse(end.isDone());
  }

  @Test
  void listsANodeThatSomebodyElseStartedAgain() throws Exception {
    FutureTask<Integer> end = start(2, OBEDIENT);
    await()
        .untilAsserted(() -> assertTrue(printed().contains("bootstrap 127.0.0.1:"), this::printed));
    long pid = Long.parseLong(listed().get(1).split(" ", -1)[0]);
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    await().untilAsserted(() -> assertEquals(List.of("1"), nodeIdsListed()));

    Path data = Files.createDirectories(directory.resolve("node2").resolve("data"));
    long other = ProcessHandle.current().pid();
    Files.writeString(data.resolve(".lock"), Long.toString(other));

    await().untilAsserted(() -> assertEquals(List.of("1", "2"), nodeIdsListed()));
    assertEquals(other + " 2", listed().get(1).substring(0, listed().get(1).lastIndexOf(' ')));
    started.getFirst().stop();
    assertEquals(0, end.get(30, TimeUnit.SECONDS));
    assertTrue(ProcessHandle.of(other).orElseThrow().isAlive());
  }

  @Test
  void endsWhereNoNodeEverCameUp() throws Exception {
    FutureTask<Integer> end = start(2, "echo 'no such thing' >&2; exit 3");

    assertEquals(1, end.get(30, TimeUnit.SECONDS));

    assertTrue(printed().contains("node 1: died, exit code 3"), this::printed);
    assertTrue(complained().contains("node 2 | no such thing"), this::complained);
  }

  @Test
  void keepsASecondOneOutOfTheDirectoryAndItsList() throws Exception {
    FutureTask<Integer> end = start(1, OBEDIENT);
    await().untilAsserted(() -> assertEquals(1, listed().size()));

    DevCluster second =
        new DevCluster(DevLayout.plan(directory, 1, 0), List.of("false"), stream(out), stream(err));

    assertThrows(DevException.class, second::run);
    assertEquals(0, second.stop());
    assertEquals(1, listed().size());
    assertFalse(end.isDone());
  }

  private FutureTask<Integer> start(int nodes, String script) throws Exception {
    Path file = Files.writeString(directory.resolve("node.sh"), script);
    DevLayout layout = DevLayout.plan(directory, nodes, 0);
    DevCluster cluster =
        new DevCluster(layout, List.of("sh", file.toString()), stream(out), stream(err));
    started.add(cluster);
    FutureTask<Integer> end = new FutureTask<>(cluster::run);
    ends.add(end);
    Thread.ofPlatform().daemon().start(end);
    return end;
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private List<String> listed() throws IOException {
    Path file = directory.resolve("nodes");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private List<String> nodeIdsListed() throws IOException {
    return listed().stream().map(line -> line.split(" ", -1)[1]).toList();
  }
}
