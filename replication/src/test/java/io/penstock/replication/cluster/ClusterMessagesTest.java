package io.penstock.replication.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.observer.GroupView;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.UnknownFormatException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Nodes of two versions speak these bytes: where one of these tests fails, raise the version. */
class ClusterMessagesTest {

  private static final UUID ID = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final String ID_HEX = "0102030405060708090a0b0c0d0e0f10";
  private static final Member NODE = new Member(7, ID, new Address("h", 9093));
  private static final String NODE_HEX = "07" + ID_HEX + "0168" + "8547";

  private static final StatusAnswer STATUS =
      new StatusAnswer(
          true,
          new GroupView(7, 2, List.of(NODE)),
          300,
          List.of(new GroupStatus.Member(7, ID, new Address("h", 9093), 300, 2, 1)),
          List.of(new GroupStatus.Member(8, ID, null, -1, -1, -1)));

  private static Map<VoterMessage, String> golden() {
    Map<VoterMessage, String> golden = new LinkedHashMap<>();
    golden.put(
        new VoterMessage.Change(new VoterChange.Add(7, ID)), "01" + "01" + "01" + "0701" + ID_HEX);
    golden.put(
        new VoterMessage.Change(new VoterChange.Remove(7, null)), "01" + "01" + "02" + "0700");
    golden.put(
        new VoterMessage.Set(1, List.of(), List.of(NODE)),
        "01" + "02" + "01" + "00" + "01" + NODE_HEX);
    golden.put(new VoterMessage.Who(), "0103");
    golden.put(new VoterMessage.Prepare(ID), "0104" + ID_HEX);
    golden.put(new VoterMessage.Self(NODE), "0105" + NODE_HEX);
    golden.put(
        new VoterMessage.Ended(new VoterChange.Outcome(VoterChange.Error.NO_LIVE_MAJORITY, "m")),
        "0106" + "04" + "016d");
    golden.put(new VoterMessage.NotLeader(), "0107");
    return golden;
  }

  @Test
  void messagesAboutVotersHaveTheBytesThatOtherVersionsSpeak() {
    golden()
        .forEach((message, hex) -> {
          byte[] bytes = message.encode();
          assertEquals(hex, HexFormat.of().formatHex(bytes), message.toString());
          assertEquals(message, VoterMessage.decode(bytes));
        });
    for (VoterChange.Error error : VoterChange.Error.values()) {
      VoterMessage ended = new VoterMessage.Ended(new VoterChange.Outcome(error, ""));
      assertEquals(ended, VoterMessage.decode(ended.encode()));
    }
    assertThrows(UnknownFormatException.class, () -> VoterMessage.decode(new byte[] {1, 99}));
  }

  @Test
  void statusesHaveTheBytesThatOtherVersionsSpeak() {
    byte[] bytes = STATUS.encode();

    assertEquals(
        "01" + "01" + "0e" + "02" + "01" + NODE_HEX + "d804" + "01" + "07" + ID_HEX + "01" + "0168"
            + "8547" + "d804" + "04" + "02" + "01" + "08" + ID_HEX + "00" + "01" + "01" + "01",
        HexFormat.of().formatHex(bytes));
    assertEquals(STATUS, StatusAnswer.decode(bytes));
    assertEquals(1, StatusAnswer.decodeRequest(StatusAnswer.encodeRequest(1)));
  }

  @Test
  void refusesDamagedBytesWithoutAllocatingWhatTheyAnnounce() {
    List<VoterMessage> messages = List.copyOf(golden().keySet());
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] message = messages.get(random.nextInt(messages.size())).encode();
      try {
        VoterMessage.decode(damaged(random, message));
        StatusAnswer.decode(damaged(random, STATUS.encode()));
      } catch (UnknownFormatException expected) {
        assertTrue(expected.getMessage() != null, "seed " + seed); // no other failure is allowed
      }
    }
  }

  private static byte[] damaged(Random random, byte[] good) {
    byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
    bad[random.nextInt(bad.length)] = (byte) random.nextInt();
    return bad;
  }
}
