package io.penstock.node.group.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.KeyedBatches;
import io.penstock.client.wire.KeyedRecord;
import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.GroupEpoch;
import io.penstock.node.group.effect.ConsumerGroupRecord.ResolvedRegex;
import io.penstock.node.group.effect.ConsumerGroupRecord.TargetTime;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.node.group.effect.PartitionEpochs;
import io.penstock.node.group.offset.OffsetChange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What groups of the consumer protocol write down, to the bytes that Kafka writes and back. */
class ConsumerRecordCodecTest {

  private static final UUID TOPIC = new UUID(1, 2);
  private static final UUID OTHER = new UUID(3, 4);

  private static final MemberTarget SOME =
      new MemberTarget(Map.of(TOPIC, PartitionSet.of(0, 7), OTHER, PartitionSet.of(3)));

  private static final List<ConsumerGroupRecord> RECORDS =
      List.of(
          new ConsumerGroupRecord.Epoch("g", new GroupEpoch(5, -77)),
          new ConsumerGroupRecord.Member(
              "g",
              "m",
              new MemberDescription(
                  "i", "r", "c", "/h", List.of("b", "a"), "x+", 300_000, "range", null)),
          new ConsumerGroupRecord.Member(
              "g",
              "old",
              new MemberDescription(
                  null,
                  null,
                  "",
                  "/h",
                  List.of(),
                  null,
                  1,
                  null,
                  new MemberDescription.Classic(
                      10_000,
                      List.of(new MemberDescription.Protocol("range", new byte[] {1, 2}))))),
          new ConsumerGroupRecord.TargetEpoch("g", new TargetTime(4, 1_000)),
          new ConsumerGroupRecord.Target("g", "m", SOME),
          new ConsumerGroupRecord.Current(
              "g",
              "m",
              new CurrentAssignment(
                  4,
                  3,
                  Progress.UNREVOKED,
                  SOME,
                  new MemberTarget(Map.of(OTHER, PartitionSet.of(9))),
                  new PartitionEpochs(
                      Map.of(TOPIC, Map.of(0, 1, 7, 4), OTHER, Map.of(3, 2, 9, 3))))),
          new ConsumerGroupRecord.Regex("g", "x+", new ResolvedRegex(List.of("x", "xx"), 2, 3)));

  private static final List<ConsumerGroupRecord> TOMBSTONES =
      List.of(
          new ConsumerGroupRecord.Epoch("g", null),
          new ConsumerGroupRecord.Member("g", "m", null),
          new ConsumerGroupRecord.TargetEpoch("g", null),
          new ConsumerGroupRecord.Target("g", "m", null),
          new ConsumerGroupRecord.Current("g", "m", null),
          new ConsumerGroupRecord.Regex("g", "x+", null));

  @Test
  void recordsComeBackAsTheyWereWritten() throws Exception {
    assertEquals(RECORDS, readBack(RECORDS));
    assertEquals(TOMBSTONES, readBack(TOMBSTONES));
  }

  @Test
  void noRecordIsLargerThanItIsTakenFor() {
    for (List<ConsumerGroupRecord> records : List.of(RECORDS, TOMBSTONES, large())) {
      for (ConsumerGroupRecord each : records) {
        int bytes = GroupRecordCodec.encode(each).sizeBytes();
        long bound = GroupRecordCodec.sizeBytesMax(each);
        assertTrue(bytes <= bound, bytes + " are more than " + bound + ": " + each.getClass());
      }
    }
  }

  /** A thousand partitions of fifty topics, under the longest names. */
  private static List<ConsumerGroupRecord> large() {
    String group = "\ud83d\udc18".repeat(GroupLimits.GROUP_ID_CHARS_MAX / 2);
    String member = "m".repeat(GroupLimits.MEMBER_ID_CHARS_MAX);
    Map<UUID, PartitionSet> topics = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (int topic = 0; topic < 50; topic++) {
      topics.put(new UUID(topic, topic), PartitionSet.range(0, 20));
      names.add("t".repeat(247) + (10 + topic));
    }
    MemberTarget all = new MemberTarget(topics);
    MemberDescription.Classic classic =
        new MemberDescription.Classic(
            1, List.of(new MemberDescription.Protocol("p".repeat(1_000), new byte[10_000])));
    return List.of(
        new ConsumerGroupRecord.Member(
            group,
            member,
            new MemberDescription(
                member, member, member, member, names, "x".repeat(9_000), 1, "range", classic)),
        new ConsumerGroupRecord.Target(group, member, all),
        new ConsumerGroupRecord.Current(group, member, CurrentAssignment.since(9, all)),
        new ConsumerGroupRecord.Current(
            group,
            member,
            new CurrentAssignment(
                9, 8, Progress.UNREVOKED, MemberTarget.EMPTY, all, PartitionEpochs.NONE)),
        new ConsumerGroupRecord.Regex(group, "x".repeat(9_000), new ResolvedRegex(names, 1, 1)));
  }

  @Test
  void keysAndValuesAreThoseOfKafka() {
    KeyedRecord epoch = GroupRecordCodec.encode(RECORDS.get(0));
    KeyedRecord current = GroupRecordCodec.encode(new ConsumerGroupRecord.Current("g", "m", null));

    assertArrayEquals(HexFormat.of().parseHex("0003" + "000167"), epoch.key());
    assertArrayEquals(
        HexFormat.of().parseHex("0000" + "00000005" + "010008" + "ffffffffffffffb3"),
        epoch.value());
    assertArrayEquals(HexFormat.of().parseHex("0008" + "000167" + "00016d"), current.key());
  }

  /** Through a batch, as the log has it. */
  private static List<GroupRecord> readBack(List<ConsumerGroupRecord> records) throws Exception {
    List<KeyedRecord> encoded = records.stream().map(GroupRecordCodec::encode).toList();
    ByteBuffer batch =
        KeyedBatches.write(
            ByteBuffer.allocateDirect(KeyedBatches.sizeBytesMax(encoded)), encoded, 1);
    List<GroupRecord> read = new ArrayList<>();
    GroupRecordCodec.Reader reader =
        new GroupRecordCodec.Reader() {
          @Override
          public void offset(OffsetChange change) {
            throw new AssertionError("no offset");
          }

          @Override
          public void group(GroupRecord group) {
            read.add(group);
          }

          @Override
          public void unknown(short type) {
            throw new AssertionError("unknown " + type);
          }
        };
    KeyedBatches.forEach(batch, (_, key, value) -> GroupRecordCodec.decode(key, value, reader));
    return read;
  }
}
