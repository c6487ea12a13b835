package io.penstock.replication.metadata.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataResult.Done;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import io.penstock.replication.metadata.MetadataResult.Refused;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.UnknownFormatException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nodes of two versions speak these bytes: where one of these tests fails, raise the version. */
class MetadataResultCodecTest {

  private static final Map<MetadataResult, String> GOLDEN =
      Map.of(
          new Done(),
          "0101",
          new ProducerIdBlock(300, 1000),
          "0102" + "ac02" + "e807",
          new Refused(ControlError.INVALID_CONFIG, "m"),
          "0103" + "13" + "016d");

  @Test
  void resultsHaveTheBytesThatOtherVersionsSpeak() {
    GOLDEN.forEach((result, hex) -> {
      byte[] encoded = MetadataResultCodec.encode(result);
      assertEquals(hex, HexFormat.of().formatHex(encoded), result.toString());
      assertEquals(result, MetadataResultCodec.decode(encoded));
    });
  }

  @Test
  void refusesWhatANewerVersionWrote() {
    for (String hex : List.of("0201", "017f", "010100")) {
      byte[] bytes = HexFormat.of().parseHex(hex);
      assertThrows(UnknownFormatException.class, () -> MetadataResultCodec.decode(bytes), hex);
    }
  }

  @Test
  void refusesDamagedBytesWithoutAllocatingWhatTheyAnnounce() {
    byte[] good = MetadataResultCodec.encode(new Refused(ControlError.INVALID_CONFIG, "message"));
    for (long seed = 0; seed < 10_000; seed++) {
      Random random = new Random(seed);
      byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      try {
        MetadataResultCodec.decode(bad);
      } catch (UnknownFormatException expected) {
        assertTrue(expected.getMessage() != null, "seed " + seed); // no other failure is allowed
      }
    }
  }
}
