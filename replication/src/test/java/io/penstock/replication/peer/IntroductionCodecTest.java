package io.penstock.replication.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.Introduction.NamedVoter;
import io.penstock.replication.peer.Introduction.Plan;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.UnknownFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes here are what nodes of other versions send: where they change, so does the version. */
class IntroductionCodecTest {

  private static final UUID ID = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final String ID_HEX = "0102030405060708090a0b0c0d0e0f10";
  private static final Introduction FULL =
      new Introduction(
          "prod",
          ID,
          3,
          ID,
          ID,
          new Address("h", 9093),
          List.of(new Member(3, ID, new Address("h", 9093))),
          new Plan(List.of(new NamedVoter(3, new Address("h", 9093))), ID));
  private static final String ADDRESS_HEX = "0168" + "8547";
  private static final String FULL_HEX =
      "01"
          + "0470726f64"
          + "01"
          + ID_HEX
          + "03"
          + ID_HEX
          + ID_HEX
          + ADDRESS_HEX
          + "01"
          + "03"
          + ID_HEX
          + ADDRESS_HEX
          + "01"
          + "03"
          + ADDRESS_HEX
          + "01"
          + ID_HEX;

  @Test
  void introductionsHaveTheBytesThatOtherVersionsSend() {
    byte[] encoded = IntroductionCodec.encode(FULL);

    assertEquals(FULL_HEX, HexFormat.of().formatHex(encoded));
    assertEquals(FULL, IntroductionCodec.decode(encoded));
  }

  @Test
  void aNodeWithoutClusterAndVotersIntroducesItself() {
    Introduction fresh =
        new Introduction("c", null, 0, ID, ID, new Address("::1", 1), List.of(), Plan.NONE);

    assertEquals(fresh, IntroductionCodec.decode(IntroductionCodec.encode(fresh)));
  }

  @Test
  void anotherVersionIsNamed() {
    byte[] encoded = IntroductionCodec.encode(FULL);
    encoded[0] = 9;

    UnknownFormatException refused =
        assertThrows(UnknownFormatException.class, () -> IntroductionCodec.decode(encoded));

    assertTrue(String.valueOf(refused.getMessage()).contains("version 9"), refused.getMessage());
  }

  @Test
  void everyCutIsRefused() {
    byte[] encoded = IntroductionCodec.encode(FULL);
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThrows(UnknownFormatException.class, () -> IntroductionCodec.decode(cut));
    }
    assertThrows(
        UnknownFormatException.class,
        () -> IntroductionCodec.decode(Arrays.copyOf(encoded, encoded.length + 1)));
  }

  @Test
  void damagedBytesAreAnotherIntroductionOrRefused() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    byte[] encoded = IntroductionCodec.encode(FULL);
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = encoded.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        Introduction other = IntroductionCodec.decode(damaged);
        assertEquals(other, IntroductionCodec.decode(IntroductionCodec.encode(other)));
      } catch (UnknownFormatException refused) {
        assertTrue(refused.getMessage() != null, "seed=" + seed);
      }
    }
  }

  @Test
  void whatIsTooLongOrNoNameIsRefused() {
    refuses("x".repeat(256), List.of());
    refuses("line\nbreak", List.of());
    refuses("ünïcode", List.of());
    List<NamedVoter> tooMany = new ArrayList<>();
    for (int id = 0; id < 101; id++) {
      tooMany.add(new NamedVoter(id, new Address("h", 1)));
    }
    refuses("c", tooMany);
    assertThrows(
        UnknownFormatException.class,
        () -> IntroductionCodec.decode(new byte[IntroductionCodec.BYTES_MAX + 1]));
  }

  private static void refuses(String name, List<NamedVoter> named) {
    Introduction introduction =
        new Introduction(
            name, null, 0, ID, ID, new Address("h", 1), List.of(), new Plan(named, null));
    byte[] encoded = IntroductionCodec.encode(introduction);

    assertThrows(UnknownFormatException.class, () -> IntroductionCodec.decode(encoded));
  }
}
