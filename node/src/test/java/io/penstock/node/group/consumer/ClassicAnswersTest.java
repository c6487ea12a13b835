package io.penstock.node.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.classic.HandedOver;
import io.penstock.node.group.effect.MemberDescription;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is believed of the bytes that consumers of the classic protocol, or anybody else, write. */
final class ClassicAnswersTest {

  private static final int[] NAMED = {-1, 0, 3, 4, 1_500_000_000, Integer.MAX_VALUE};

  private final SomeTopics topics = new SomeTopics();

  @BeforeEach
  void createTopic() {
    topics.create("t", 4);
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    return bytes;
  }

  private static List<TopicPartition> named() {
    return IntStream.of(NAMED).mapToObj(each -> new TopicPartition("t", each)).toList();
  }

  private static byte[] assignment() {
    return bytes(ConsumerProtocol.serializeAssignment(new Assignment(named())));
  }

  private static byte[] subscription() {
    return bytes(
        ConsumerProtocol.serializeSubscription(
            new Subscription(List.of("t", "gone"), null, named(), 1, Optional.of(""))));
  }

  private MemberTarget there() {
    return new MemberTarget(Map.of(topics.id("t"), PartitionSet.of(0, 3)));
  }

  @Test
  void partitionsThatThereAreNotAreLeftOut() {
    ClassicAnswers.Wish wish = ClassicAnswers.read(subscription(), topics);

    assertEquals(there(), ClassicAnswers.assigned(assignment(), topics));
    assertNotNull(wish);
    assertEquals(there(), wish.owned());
    assertEquals(List.of("gone", "t"), wish.topics().stream().sorted().toList());
    assertNull(wish.rack());
  }

  @Test
  void whatCannotBeReadIsNothing() {
    assertNull(ClassicAnswers.read(new byte[1], topics));
    assertNull(ClassicAnswers.assigned(new byte[1], topics));
    assertEquals(MemberTarget.EMPTY, ClassicAnswers.assigned(new byte[0], topics));
  }

  @Test
  void aGroupWhoseLeaderAssignedWhatThereIsNotChangesItsProtocolWithTheRest() {
    HandedOver.Member member =
        new HandedOver.Member(
            "m",
            null,
            "client",
            "/host",
            10_000,
            10_000,
            List.of(new MemberDescription.Protocol("range", subscription())),
            assignment());
    ConsumerSettings settings =
        ConsumerSettings.standard(List.of(new UniformAssignor()), ClassicSettings.standard());

    ConsumerGroup group =
        ConsumerGroup.upgraded(
            new HandedOver("g", "consumer", 7, List.of(member)), settings, topics, 1_000);

    assertNotNull(group);
    assertEquals(there(), group.inner().current("m").assigned());
    assertEquals(7, group.inner().current("m").epoch());
    assertEquals("m", group.inner().holders().of(topics.id("t"), 3));
  }
}
