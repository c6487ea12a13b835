package io.penstock.replication.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.observer.AppliedLog.Entry;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.Position;
import io.penstock.replication.value.UnknownFormatException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Nodes of two versions speak these bytes: where one of these tests fails, raise the version. */
class ObserverMessagesTest {

  private static final UUID ID = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final String ID_HEX = "0102030405060708090a0b0c0d0e0f10";
  private static final Member NODE = new Member(7, ID, new Address("h", 9093));
  private static final String NODE_HEX = "07" + ID_HEX + "0168" + "8547";

  private static final PollRequest POLL =
      new PollRequest(1, NODE, new Position(2, 300), 1000, 1 << 20);
  private static final PollAnswer ANSWER =
      new PollAnswer(
          PollAnswer.Status.COMMANDS,
          new GroupView(7, 2, List.of(NODE)),
          new Position(2, 301),
          List.of(new Entry(new Position(2, 301), new byte[] {9, 8})));

  @Test
  void messagesHaveTheBytesThatOtherVersionsSpeak() {
    check(
        POLL,
        PollRequest::encode,
        PollRequest::decode,
        "01" + "01" + NODE_HEX + "02" + "d804" + "e807" + "808040");
    check(
        ANSWER,
        PollAnswer::encode,
        PollAnswer::decode,
        "01" + "00" + "0e" + "02" + "01" + NODE_HEX + "02" + "da04" + "01" + "02" + "da04" + "02"
            + "0908");
    check(
        new PollAnswer(PollAnswer.Status.NO_VOTER, GroupView.UNKNOWN, Position.NONE, List.of()),
        PollAnswer::encode,
        PollAnswer::decode,
        "01" + "04" + "01" + "00" + "00" + "00" + "01" + "00");
    check(
        new SnapshotRequest(0, Position.NONE, 0, 1 << 20),
        SnapshotRequest::encode,
        SnapshotRequest::decode,
        "01" + "00" + "00" + "01" + "00" + "808040");
    check(
        new SnapshotAnswer(true, new Position(2, 300), 3, -1, new byte[] {1, 2, 3}),
        SnapshotAnswer::encode,
        SnapshotAnswer::decode,
        "01" + "01" + "02" + "d804" + "03" + "01" + "03" + "010203");
  }

  private static <T> void check(
      T message, Function<T, byte[]> encode, Function<byte[], T> decode, String hex) {
    byte[] bytes = encode.apply(message);
    assertEquals(hex, HexFormat.of().formatHex(bytes), message.toString());
    assertEquals(message, decode.apply(bytes));
    bytes[0] = 2;
    assertThrows(UnknownFormatException.class, () -> decode.apply(bytes));
  }

  @Test
  void refusesDamagedBytesWithoutAllocatingWhatTheyAnnounce() {
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      damaged(random, POLL.encode(), PollRequest::decode, seed);
      damaged(random, ANSWER.encode(), PollAnswer::decode, seed);
      damaged(random, SnapshotAnswer.GONE.encode(), SnapshotAnswer::decode, seed);
    }
  }

  private static void damaged(Random random, byte[] good, Function<byte[], ?> decode, long seed) {
    byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
    bad[random.nextInt(bad.length)] = (byte) random.nextInt();
    try {
      var _ = decode.apply(bad);
    } catch (UnknownFormatException expected) {
      assertTrue(expected.getMessage() != null, "seed " + seed); // no other failure is allowed
    }
  }
}
