package io.penstock.node.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.node.group.assign.PartitionSet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes that Kafka's consumers write, read back; and some that no consumer writes. */
final class EmbeddedProtocolTest {

  private static final List<TopicPartition> PARTITIONS =
      List.of(
          new TopicPartition("orders", 3),
          new TopicPartition("gone", 7),
          new TopicPartition("payments", 0),
          new TopicPartition("orders", 1));

  private static final Map<String, PartitionSet> EXISTING =
      Map.of("orders", PartitionSet.of(1, 3), "payments", PartitionSet.of(0));

  private static boolean exists(String topic) {
    return !topic.equals("gone");
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    return bytes;
  }

  private static byte[] subscription(int version) {
    return bytes(
        ConsumerProtocol.serializeSubscription(
            new Subscription(
                List.of("orders", "payments"),
                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                PARTITIONS,
                5,
                Optional.of("rack")),
            (short) version));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void subscriptionsOfAllVersionsAreRead(int version) {
    EmbeddedProtocol.Subscription read =
        EmbeddedProtocol.subscription(subscription(version), EmbeddedProtocolTest::exists);

    assertEquals(List.of("orders", "payments"), read.topics());
    assertEquals(read.topics(), EmbeddedProtocol.topics(subscription(version)));
    assertEquals(version >= 1 ? EXISTING : Map.of(), read.owned());
    if (version >= 3) {
      assertEquals("rack", read.rack());
    } else {
      assertNull(read.rack());
    }
  }

  @Test
  void whatALaterVersionAddsAtTheEndIsLeftOut() {
    byte[] later = Arrays.copyOf(subscription(3), subscription(3).length + 9);
    later[1] = 4;

    assertEquals(
        EmbeddedProtocol.subscription(subscription(3), EmbeddedProtocolTest::exists),
        EmbeddedProtocol.subscription(later, EmbeddedProtocolTest::exists));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void assignmentsOfAllVersionsAreRead(int version) {
    byte[] bytes =
        bytes(ConsumerProtocol.serializeAssignment(new Assignment(PARTITIONS), (short) version));

    assertEquals(EXISTING, EmbeddedProtocol.assignment(bytes, EmbeddedProtocolTest::exists));
  }

  @Test
  void bytesThatEndTooEarlyAreNotRead() {
    byte[] whole = subscription(3);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(
          RuntimeException.class, () -> EmbeddedProtocol.subscription(cut, _ -> true), "cut");
    }
    assertThrows(
        RuntimeException.class,
        () -> EmbeddedProtocol.topics(new byte[] {0, 0, 127, -1, -1, -1}),
        "more names than bytes");
    assertThrows(
        RuntimeException.class,
        () -> EmbeddedProtocol.topics(new byte[] {0, 0, -1, -1, -1, -1}),
        "fewer names than none");
  }

  /** Kafka's classes, or one merge after the other, would take minutes. */
  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void aTopicMayBeNamedAgainForEachOfItsPartitions() {
    int partitions = 600_000;
    byte[] name = "orders".getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(partitions * (10 + name.length) + 10);
    bytes.putShort((short) 1).putInt(partitions);
    for (int i = 0; i < partitions; i++) {
      bytes.putShort((short) name.length).put(name).putInt(1).putInt(partitions - 1 - i);
    }
    bytes.putInt(-1);

    assertEquals(
        Map.of("orders", PartitionSet.of(IntStream.range(0, partitions).toArray())),
        EmbeddedProtocol.assignment(bytes.array(), _ -> true));
  }
}
