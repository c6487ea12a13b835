package io.penstock.node;

import static io.penstock.node.GroupOfConsumers.PARTITIONS;
import static io.penstock.node.GroupOfConsumers.description;
import static io.penstock.node.GroupOfConsumers.produce;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A member of the consumer protocol that is killed, of which nobody hears any more. The time that
 * the node gives its members by default is longer than the test may take.
 */
@Timeout(45)
class ConsumerCrashTest {

  @TempDir private Path directory;
  @TempDir private Path signs;
  private GroupOfConsumers group;

  @BeforeEach
  void open() {
    group = new GroupOfConsumers(directory);
  }

  @AfterEach
  void close() throws Exception {
    group.close();
  }

  @Test
  void theOthersTakeOverAndEachRecordIsCommittedOnce() throws Exception {
    Node node =
        group.startedWithTopic(
            PARTITIONS, "consumer-session-timeout-min: 5s, consumer-heartbeat-min: 500ms");
    Admin admin = group.admin(node);
    GroupOfConsumers.set(
        admin,
        Map.of("consumer.session.timeout.ms", "5000", "consumer.heartbeat.interval.ms", "500"));
    produce(node, 0, 40);
    group.subscribed(node, Map.of());
    group.subscribed(node, Map.of());
    group.pollUntil(() -> group.isShared() && group.read.size() == 40);
    Path hasRead = signs.resolve("has-read");
    Process third = CrashingConsumer.start(node, hasRead);
    try {
      group.pollUntil(() -> heldHere() < PARTITIONS);
      produce(node, 40, 80);
      group.pollUntil(() -> Files.exists(hasRead));
    } finally {
      third.destroyForcibly().waitFor();
    }
    assertTrue(group.read.size() < 80);

    group.pollUntil(() -> group.isShared() && group.read.size() == 80);
    produce(node, 80, 120);
    group.pollUntil(() -> group.read.size() == 120);

    assertEquals(120, group.taken);
    assertEquals(2, description(admin).members().size());
  }

  private int heldHere() {
    return group.consumers.stream().mapToInt(each -> each.assignment().size()).sum();
  }
}
