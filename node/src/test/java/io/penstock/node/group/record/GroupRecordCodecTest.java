package io.penstock.node.group.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.KeyedBatches;
import io.penstock.client.wire.KeyedRecord;
import io.penstock.client.wire.MalformedFrameException;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.node.group.offset.OffsetChange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Offsets and groups through a batch of the log and back, and as the bytes that Kafka writes. */
class GroupRecordCodecTest {

  private static final UUID TOPIC = new UUID(1, 2);

  /** What was read back, in order. */
  private static final class Read implements GroupRecordCodec.Reader {
    private final List<OffsetChange> offsets = new ArrayList<>();
    private final List<GroupRecord> groups = new ArrayList<>();
    private final List<Short> unknown = new ArrayList<>();

    @Override
    public void offset(OffsetChange change) {
      offsets.add(change);
    }

    @Override
    public void group(GroupRecord group) {
      groups.add(group);
    }

    @Override
    public void unknown(short type) {
      unknown.add(type);
    }
  }

  @Test
  void offsetsComeBackAsTheyWereWritten() throws Exception {
    List<OffsetChange> changes =
        List.of(
            change(new CommittedOffset(TOPIC, 42, 7, "m", 1_000, -1)),
            change(new CommittedOffset(null, 43, -1, "", 1_001, -1)),
            change(new CommittedOffset(null, 44, -1, "", 1_002, 99_000)),
            change(null));

    Read read = readBack(changes.stream().map(GroupRecordCodec::encode).toList());

    assertEquals(changes, read.offsets);
  }

  @Test
  void offsetsAreWrittenAsKafkaWritesThem() {
    KeyedRecord record =
        GroupRecordCodec.encode(change(new CommittedOffset(null, 42, 7, "m", 1_000, -1)));

    // Type 1, "g", "t", partition 3.
    assertEquals("000100016700017400000003", HexFormat.of().formatHex(record.key()));
    // Version 3: offset, leader epoch, metadata, time.
    assertEquals(
        "0003" + "000000000000002a" + "00000007" + "00016d" + "00000000000003e8",
        HexFormat.of().formatHex(record.value()));
  }

  @Test
  void groupsComeBackAsTheyWereWritten() throws Exception {
    GroupSnapshot.Member member =
        new GroupSnapshot.Member(
            "id", "instance", "client", "/host", 300_000, 45_000, bytes(1), bytes(2, 3));
    GroupSnapshot written =
        new GroupSnapshot("g", "consumer", 5, "range", "id", 1_000, List.of(member));

    Read read =
        readBack(
            List.of(
                GroupRecordCodec.encode(new GroupRecord.Stored(written)),
                GroupRecordCodec.encode(new GroupRecord.Removed("g"))));

    assertEquals(new GroupRecord.Removed("g"), read.groups.getLast());
    GroupSnapshot snapshot = ((GroupRecord.Stored) read.groups.getFirst()).snapshot();
    assertEquals(
        "consumer 5 range id 1000",
        String.join(
            " ",
            snapshot.protocolType(),
            Integer.toString(snapshot.generation()),
            snapshot.protocol(),
            snapshot.leader(),
            Long.toString(snapshot.stateTimestampMs())));
    GroupSnapshot.Member back = snapshot.members().getFirst();
    assertEquals("instance", back.instanceId());
    assertEquals(300_000, back.rebalanceTimeoutMs());
    assertArrayEquals(bytes(1), back.subscription());
    assertArrayEquals(bytes(2, 3), back.assignment());
  }

  @Test
  void whatRecordsTakeIsKnownBeforeTheyAreEncoded() {
    String text = "a\u00e4\u20ac\ud83d\udc18".repeat(100);
    assertEquals(text.getBytes(StandardCharsets.UTF_8).length, GroupLimits.utf8Bytes(text));
    GroupSnapshot.Member member =
        new GroupSnapshot.Member(text, text, text, text, 1, 1, new byte[300], new byte[500]);
    GroupRecord group =
        new GroupRecord.Stored(
            new GroupSnapshot(text, text, 1, text, text, 1, List.of(member, member)));
    OffsetChange offset =
        new OffsetChange(text, text, 3, new CommittedOffset(TOPIC, 42, 7, text, 1_000, -1));

    assertTakesAbout(GroupRecordCodec.encode(group), GroupRecordCodec.sizeBytesMax(group));
    assertTakesAbout(GroupRecordCodec.encode(offset), GroupRecordCodec.sizeBytesMax(offset));
  }

  private static void assertTakesAbout(KeyedRecord record, long sizeBytesMax) {
    int bytes = record.sizeBytes();
    assertTrue(bytes <= sizeBytesMax, bytes + " are more than " + sizeBytesMax);
    assertTrue(bytes > sizeBytesMax - 500, bytes + " are far less than " + sizeBytesMax);
  }

  @Test
  void recordsOfOtherCoordinatorsArePassedOver() throws Exception {
    Read read = readBack(List.of(new KeyedRecord(new byte[] {0, 11, 0, 1, 'g'}, bytes(0, 0))));

    assertEquals(List.of((short) 11), read.unknown);
  }

  @Test
  void aRecordThatIsNotWhatItsKeySaysIsRefused() {
    List<KeyedRecord> cut = List.of(new KeyedRecord(new byte[] {0, 1, 0, 9}, null));

    assertThrows(MalformedFrameException.class, () -> readBack(cut));
  }

  private static OffsetChange change(@Nullable CommittedOffset committed) {
    return new OffsetChange("g", "t", 3, committed);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Through a batch, as the log has it. */
  private static Read readBack(List<KeyedRecord> records) throws MalformedFrameException {
    ByteBuffer room = ByteBuffer.allocateDirect(KeyedBatches.sizeBytesMax(records));
    ByteBuffer batch = KeyedBatches.write(room, records, 1_000);
    Read read = new Read();
    long next =
        KeyedBatches.forEach(batch, (_, key, value) -> GroupRecordCodec.decode(key, value, read));
    assertEquals(records.size(), next);
    return read;
  }
}
