package io.penstock.replication.leadership.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.UnknownFormatException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Nodes of two versions speak these bytes: where one of these tests fails, raise the version. */
class LeadershipResultCodecTest {

  private static final UUID ID = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final String ID_HEX = "0102030405060708090a0b0c0d0e0f10";
  private static final LeadershipResult TOPICS =
      new TopicsResult(
          List.of(
              new TopicOutcome("t", ID, ControlError.NONE, ""),
              new TopicOutcome("", ID, ControlError.UNKNOWN_TOPIC, "m")));

  private static final Map<LeadershipResult, String> GOLDEN =
      Map.of(
          new BrokerResult(ControlError.NONE, "", 300),
          "0101" + "00" + "00" + "d804",
          new BrokerResult(ControlError.UNKNOWN_BROKER, "m", -1),
          "0101" + "03" + "016d" + "01",
          TOPICS,
          "0102" + "02" + "0174" + ID_HEX + "00" + "00" + "00" + ID_HEX + "05" + "016d",
          new PartitionsResult(
              List.of(new PartitionOutcome(ID, 3, ControlError.STALE_PARTITION_EPOCH, 4, -1))),
          "0103" + "01" + ID_HEX + "06" + "0e" + "08" + "01",
          new Refused(ControlError.LIMIT_EXCEEDED, "m"),
          "0104" + "15" + "016d");

  @Test
  void resultsHaveTheBytesThatOtherVersionsSpeak() {
    GOLDEN.forEach((result, hex) -> {
      byte[] encoded = LeadershipResultCodec.encode(result);
      assertEquals(hex, HexFormat.of().formatHex(encoded), result.toString());
      assertEquals(result, LeadershipResultCodec.decode(encoded));
    });
  }

  @Test
  void everyErrorComesBackAsItself() {
    for (ControlError error : ControlError.values()) {
      LeadershipResult result = new Refused(error, "why");
      assertEquals(result, LeadershipResultCodec.decode(LeadershipResultCodec.encode(result)));
    }
  }

  @Test
  void refusesWhatANewerVersionWrote() {
    for (String hex : List.of("0204" + "15" + "00", "017f", "0104" + "7f" + "00", "0104150000")) {
      byte[] bytes = HexFormat.of().parseHex(hex);
      assertThrows(UnknownFormatException.class, () -> LeadershipResultCodec.decode(bytes), hex);
    }
  }

  @Test
  void refusesDamagedBytesWithoutAllocatingWhatTheyAnnounce() {
    byte[] good = LeadershipResultCodec.encode(TOPICS);
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      try {
        LeadershipResultCodec.decode(bad);
      } catch (UnknownFormatException expected) {
        assertTrue(expected.getMessage() != null, "seed " + seed); // no other failure is allowed
      }
    }
  }
}
