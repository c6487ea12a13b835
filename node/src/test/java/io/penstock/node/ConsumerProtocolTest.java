package io.penstock.node;

import static io.penstock.node.GroupOfConsumers.GROUP;
import static io.penstock.node.GroupOfConsumers.PARTITIONS;
import static io.penstock.node.GroupOfConsumers.description;
import static io.penstock.node.GroupOfConsumers.produce;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups of the consumer protocol on a whole node in this process, through Kafka's own clients. */
@Timeout(120)
class ConsumerProtocolTest {

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

  @Test
  void membersShareAllPartitionsAndEachRecordIsReadOnce() throws Exception {
    Node node = group.startedWithTopic(PARTITIONS);
    Admin admin = group.admin(node);
    produce(node, 0, 100);
    for (int i = 0; i < 3; i++) {
      group.subscribed(node, Map.of());
    }
    group.pollUntil(group::isShared);
    group.pollUntil(() -> group.read.size() == 100);

    group.consumers.removeLast().close();
    group.pollUntil(group::isShared);
    produce(node, 100, 200);
    group.pollUntil(() -> group.read.size() == 200);

    assertEquals(IntStream.range(0, 200).boxed().toList(), List.copyOf(group.read));
    assertEquals(200, group.taken);
    // The last member says with its next heartbeat that it has what it was given.
    group.pollUntil(() -> description(admin).groupState() == GroupState.STABLE);
    ConsumerGroupDescription described = description(admin);
    assertEquals(GroupType.CONSUMER, described.type());
    assertEquals(2, described.members().size());
    assertEquals("uniform", described.partitionAssignor());
    assertEquals(
        PARTITIONS,
        described.members().stream()
            .flatMap(member -> member.assignment().topicPartitions().stream())
            .collect(Collectors.toSet())
            .size());
    assertEquals(
        Set.of(GROUP),
        admin
            .listGroups(new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER)))
            .all()
            .get()
            .stream()
            .map(listed -> listed.groupId())
            .collect(Collectors.toSet()));
  }

  @Test
  void aGroupGoesOnWhereItWasWhenItsNodeIsBack() throws Exception {
    Node first = group.startedWithTopic(PARTITIONS);
    produce(first, 0, 20);
    group.subscribed(first, Map.of("group.instance.id", "static"));
    group.pollUntil(() -> group.read.size() == 20);
    group.consumers.removeLast().close();
    ConsumerGroupDescription before = description(group.admin(first));
    group.closeNodes();

    Node second = group.started();
    Admin admin = group.admin(second);
    ConsumerGroupDescription after = description(admin);
    produce(second, 20, 40);
    group.subscribed(second, Map.of("group.instance.id", "static"));
    group.pollUntil(() -> group.read.size() == 40);

    assertEquals(1, before.members().size());
    assertEquals(before.groupEpoch(), after.groupEpoch());
    assertEquals(before.members(), after.members());
    assertEquals(before.groupEpoch(), description(admin).groupEpoch());
    assertEquals(40, group.taken);
  }

  @Test
  void membersGetPartitionsThatAreAddedAndTopicsThatTheirExpressionFits() throws Exception {
    Node node = group.startedWithTopic(1);
    Admin admin = group.admin(node);
    KafkaConsumer<byte[], byte[]> one = group.subscribed(node, Map.of());
    KafkaConsumer<byte[], byte[]> other = group.consumer(node, Map.of("group.id", "expression"));
    other.subscribe(new SubscriptionPattern("re[a-d]+(-more)?"));
    group.pollUntil(() -> one.assignment().size() == 1 && other.assignment().size() == 1);

    admin.createPartitions(Map.of("read", NewPartitions.increaseTo(PARTITIONS))).all().get();
    admin.createTopics(List.of(new NewTopic("read-more", 2, (short) 1))).all().get();
    group.pollUntil(
        () -> one.assignment().size() == PARTITIONS && other.assignment().size() == PARTITIONS + 2);

    assertTrue(other.assignment().contains(new TopicPartition("read-more", 1)));
  }
}
