package io.penstock.cluster.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.nodes.NodeView;
import io.penstock.cluster.nodes.TestNode;
import io.penstock.cluster.process.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.protocol.Errors;

/**
 * Creates topics, each with a setting, by every node of a cluster at once, and remembers what it
 * was told. A thread for each node; what was told is looked at when they have ended.
 */
final class TopicLoop implements AutoCloseable {
  private static final int ANSWER_MS_MAX = 15_000;
  private static final int ASKED_MS_MAX = 10_000;
  private static final int PAUSE_MS = 30;

  /** When a topic was asked for that was created, and when that was answered. */
  private record Success(long askedNs, long answeredNs) {}

  private final AtomicInteger numbers = new AtomicInteger();
  private final Map<String, Long> created = new ConcurrentHashMap<>();
  private final Map<String, Errors> refused = new ConcurrentHashMap<>();
  private final Set<String> unknown = new ConcurrentSkipListSet<>();
  private volatile Success last = new Success(Long.MIN_VALUE, Long.MIN_VALUE);
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();

  TopicLoop(List<TestNode> nodes) {
    for (TestNode node : nodes) {
      threads.add(Thread.ofPlatform().name("topics-by-" + node.id()).start(() -> run(node)));
    }
  }

  private void run(TestNode node) {
    try {
      while (!end.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
        try (NodeView view = new NodeView(node, ANSWER_MS_MAX)) {
          createUntilEnd(view);
        } catch (IOException down) {
          // The node is gone; it is tried again until the end.
        }
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }

  private void createUntilEnd(NodeView view) throws IOException, InterruptedException {
    while (!end.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
      int number = numbers.incrementAndGet();
      String topic = "looped-" + number;
      long retentionMs = 1_000_000L + number;
      unknown.add(topic); // until it is known better
      long askedNs = System.nanoTime();
      Errors answer = view.create(topic, 1, 1, retentionMs, ASKED_MS_MAX);
      if (answer == Errors.NONE) {
        created.put(topic, retentionMs);
        last = new Success(askedNs, System.nanoTime());
        unknown.remove(topic);
      } else if (answer != Errors.REQUEST_TIMED_OUT) {
        refused.put(topic, answer);
        unknown.remove(topic);
      }
    }
  }

  /** Waits for a topic that is asked for and created since then; how many milliseconds later. */
  long awaitSuccess(long sinceNs) {
    Success success =
        await("topics can be created again")
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(1))
            .until(() -> last, found -> found.askedNs() > sinceNs);
    return (success.answeredNs() - sinceNs) / 1_000_000;
  }

  /** Waits until so many topics are there. */
  void awaitCreated(int count) {
    await().atMost(Duration.ofSeconds(60)).until(() -> created.size() >= count);
  }

  int created() {
    return created.size();
  }

  /** What was answered, in one line. */
  String counts() {
    Map<Errors, Integer> errors = new HashMap<>();
    refused.values().forEach(error -> errors.merge(error, 1, Integer::sum));
    return created.size() + " created, refused " + errors + ", " + unknown.size() + " unknown";
  }

  @Override
  public void close() {
    end();
  }

  /** Ends the loop. */
  void end() {
    end.countDown();
    threads.forEach(Threads::join);
  }

  /** After the end: every node has what was acknowledged, and nothing that was refused. */
  void verify(List<TestNode> nodes) {
    for (TestNode node : nodes) {
      await(node + " has what was created")
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() -> assertHas(node));
    }
    Set<String> first = topicsOf(nodes.getFirst());
    nodes.forEach(node -> assertEquals(first, topicsOf(node), () -> "topics of " + node));
    assertTrue(
        refused.values().stream().noneMatch(Errors.TOPIC_ALREADY_EXISTS::equals),
        "a topic that nobody had created was said to exist: " + refused);
  }

  private void assertHas(TestNode node) throws IOException {
    try (NodeView view = new NodeView(node)) {
      Set<String> topics = view.topics().keySet();
      Set<String> missing = new TreeSet<>(created.keySet());
      missing.removeAll(topics);
      assertEquals(Set.of(), missing, () -> "acknowledged, but not on " + node);
      Set<String> wrong = new TreeSet<>(refused.keySet());
      wrong.retainAll(topics);
      assertEquals(Set.of(), wrong, () -> "refused, but on " + node + ": " + refused);
      for (Map.Entry<String, Long> one : created.entrySet()) {
        assertEquals(
            one.getValue().toString(), view.setting(one.getKey(), "retention.ms"), one::getKey);
      }
    }
  }

  private static Set<String> topicsOf(TestNode node) {
    try {
      return Agreement.topicsOf(node);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
