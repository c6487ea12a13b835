package io.penstock.node;

import static io.penstock.node.GroupOfConsumers.PARTITIONS;
import static io.penstock.node.GroupOfConsumers.description;
import static io.penstock.node.GroupOfConsumers.produce;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups that go from one protocol to the other while they are at work, consumer by consumer. */
@Timeout(120)
class GroupMigrationTest {

  @TempDir private Path directory;
  private GroupOfConsumers group;

  @BeforeEach
  void open() {
    group = new GroupOfConsumers(directory);
  }

  @AfterEach
  void close() throws Exception {
    group.close();
  }

  private static Map<String, Object> classic(Class<?> assignor) {
    return Map.of(
        "group.protocol",
        "classic",
        "heartbeat.interval.ms",
        500,
        "partition.assignment.strategy",
        assignor.getName());
  }

  @ParameterizedTest
  @ValueSource(classes = {RangeAssignor.class, CooperativeStickyAssignor.class})
  void aGroupChangesItsProtocolAndGoesBack(Class<?> assignor) throws Exception {
    Node node = group.startedWithTopic(PARTITIONS);
    Admin admin = group.admin(node);
    produce(node, 0, 40);
    group.subscribed(node, classic(assignor));
    group.subscribed(node, classic(assignor));
    group.pollUntil(() -> group.isShared() && group.read.size() == 40);
    assertEquals(GroupType.CLASSIC, description(admin).type());

    group.subscribed(node, Map.of());
    group.pollUntil(group::isShared);
    produce(node, 40, 80);
    group.pollUntil(() -> group.read.size() == 80);
    ConsumerGroupDescription mixed = description(admin);

    group.consumers.removeLast().close();
    group.pollUntil(group::isShared);
    produce(node, 80, 120);
    group.pollUntil(() -> group.read.size() == 120);

    assertEquals(GroupType.CONSUMER, mixed.type());
    assertEquals(3, mixed.members().size());
    assertEquals(GroupType.CLASSIC, description(admin).type());
    assertEquals(120, group.taken);
  }

  @ParameterizedTest
  @ValueSource(classes = {RangeAssignor.class, CooperativeStickyAssignor.class})
  void consumersAreReplacedOneByOne(Class<?> assignor) throws Exception {
    Node node = group.startedWithTopic(PARTITIONS);
    Admin admin = group.admin(node);
    produce(node, 0, 40);
    group.subscribed(node, classic(assignor));
    group.subscribed(node, classic(assignor));
    group.pollUntil(() -> group.isShared() && group.read.size() == 40);

    for (int i = 0; i < 2; i++) {
      group.consumers.removeFirst().close();
      group.subscribed(node, Map.of());
      group.pollUntil(group::isShared);
    }
    produce(node, 40, 80);
    group.pollUntil(() -> group.read.size() == 80);

    assertEquals(80, group.taken);
    assertEquals(Set.of(GroupType.CONSUMER), Set.of(description(admin).type()));
  }

  @Test
  void whereGroupsMayNotChangeAConsumerOfTheOtherProtocolIsTurnedAway() throws Exception {
    Node node = group.startedWithTopic(PARTITIONS, "consumer-migration: disabled");
    group.subscribed(node, classic(RangeAssignor.class));
    group.pollUntil(group::isShared);

    KafkaConsumer<byte[], byte[]> other = group.subscribed(node, Map.of());
    assertThrows(
        GroupIdNotFoundException.class,
        () -> {
          while (true) {
            other.poll(Duration.ofMillis(50));
          }
        });
    group.consumers.removeLast().close();
    produce(node, 0, 40);
    group.pollUntil(() -> group.isShared() && group.read.size() == 40);

    assertEquals(GroupType.CLASSIC, description(group.admin(node)).type());
    assertEquals(40, group.taken);
  }

  @Test
  void whereGroupsMayOnlyUpgradeClassicMembersStayInTheGroupThatTheyCameInto() throws Exception {
    Node node =
        group.startedWithTopic(
            PARTITIONS, "consumer-migration: upgrade, consumer-heartbeat: 500ms");
    group.subscribed(node, classic(RangeAssignor.class));
    group.pollUntil(group::isShared);
    group.subscribed(node, Map.of());
    group.pollUntil(group::isShared);

    group.consumers.removeLast().close();
    group.pollUntil(group::isShared);
    produce(node, 0, 40);
    group.pollUntil(() -> group.read.size() == 40);

    assertEquals(GroupType.CONSUMER, description(group.admin(node)).type());
    assertEquals(40, group.taken);
  }

  @Test
  void whereGroupsMayOnlyDowngradeClassicMembersThatAreLeftTakeTheGroupWithThem() throws Exception {
    Node node =
        group.startedWithTopic(
            PARTITIONS, "consumer-migration: downgrade, consumer-heartbeat: 500ms");
    group.subscribed(node, Map.of());
    group.pollUntil(group::isShared);
    group.subscribed(node, classic(RangeAssignor.class));
    group.pollUntil(group::isShared);

    group.consumers.removeFirst().close();
    group.pollUntil(group::isShared);
    produce(node, 0, 40);
    group.pollUntil(() -> group.read.size() == 40);

    assertEquals(GroupType.CLASSIC, description(group.admin(node)).type());
    assertEquals(40, group.taken);
  }
}
