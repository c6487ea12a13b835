package io.penstock.replication.liveness.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.codec.LeadershipCommandCodec;
import io.penstock.replication.liveness.message.Probe.Target;
import io.penstock.replication.liveness.message.RegisterAnswer.Reason;
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

/** Where one of the golden bytes changes, nodes of two versions no longer understand each other. */
class LivenessCodecTest {

  private static final UUID ID = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final String ID_HEX = "0102030405060708090a0b0c0d0e0f10";
  private static final Address PEER = new Address("p", 9093);

  private static final List<Case<?>> CASES =
      List.of(
          new Case<>(
              new RegisterBroker(1, ID, new Address("h", 9092), PEER, null, -1),
              "0101" + "02" + ID_HEX + "0168" + "8447" + "0170" + "8547" + "00" + "01" + "01",
              LivenessCodec::encode,
              LivenessCodec::decodeRegister),
          new Case<>(
              new Heartbeat(
                  3, 300, ID, true, new AppliedPositions(new Position(2, 5), Position.NONE), 300),
              "01" + "03" + "d804" + ID_HEX + "01" + "02" + "0a" + "00" + "01" + "ac02",
              LivenessCodec::encode,
              LivenessCodec::decodeHeartbeat),
          heartbeatAnswer(new HeartbeatAnswer.Heard(true, 300), "01" + "00" + "01" + "ac02"),
          heartbeatAnswer(new HeartbeatAnswer.NotLeader(-1), "01" + "01" + "01"),
          heartbeatAnswer(new HeartbeatAnswer.NotRegistered("no"), "01" + "02" + "026e6f"),
          registerAnswer(new RegisterAnswer.Registered(300), "01" + "03" + "d804"),
          registerAnswer(
              new RegisterAnswer.Refused(Reason.NODE_ID_IN_USE, "no"), "01" + "04" + "01026e6f"),
          registerAnswer(
              new RegisterAnswer.Refused(Reason.INVALID, "no"), "01" + "04" + "02026e6f"),
          registerAnswer(new RegisterAnswer.Retry("no"), "01" + "05" + "026e6f"),
          registerAnswer(new RegisterAnswer.NotLeader(2), "01" + "01" + "04"),
          new Case<>(
              new Suspect(3, ID),
              "01" + "03" + ID_HEX,
              LivenessCodec::encode,
              LivenessCodec::decodeSuspect),
          suspectAnswer(new SuspectAnswer.Taken(), "01" + "06"),
          suspectAnswer(new SuspectAnswer.NotLeader(2), "01" + "01" + "04"),
          probe(Probe.OF_RECEIVER, "01" + "00"),
          probe(new Probe(new Target(3, ID, PEER)), "01" + "01" + "03" + ID_HEX + "0170" + "8547"),
          probeAnswer(new ProbeAnswer.Here(3, ID), "01" + "07" + "03" + ID_HEX),
          probeAnswer(new ProbeAnswer.Found(ProbeOutcome.SAME_PROCESS), "01" + "08" + "00"),
          probeAnswer(new ProbeAnswer.Found(ProbeOutcome.OTHER_PROCESS), "01" + "08" + "01"),
          probeAnswer(new ProbeAnswer.Found(ProbeOutcome.REFUSED), "01" + "08" + "02"),
          probeAnswer(new ProbeAnswer.Found(ProbeOutcome.UNREACHABLE), "01" + "08" + "03"),
          probeAnswer(new ProbeAnswer.Found(ProbeOutcome.LOST), "01" + "08" + "04"),
          probeAnswer(new ProbeAnswer.Found(ProbeOutcome.SILENT), "01" + "08" + "05"));

  private record Case<T>(
      T value, String hex, Function<T, byte[]> encode, Function<byte[], T> decode) {

    byte[] bytes() {
      return encode.apply(value);
    }
  }

  private static Case<HeartbeatAnswer> heartbeatAnswer(HeartbeatAnswer value, String hex) {
    return new Case<>(value, hex, LivenessCodec::encode, LivenessCodec::decodeHeartbeatAnswer);
  }

  private static Case<RegisterAnswer> registerAnswer(RegisterAnswer value, String hex) {
    return new Case<>(value, hex, LivenessCodec::encode, LivenessCodec::decodeRegisterAnswer);
  }

  private static Case<SuspectAnswer> suspectAnswer(SuspectAnswer value, String hex) {
    return new Case<>(value, hex, LivenessCodec::encode, LivenessCodec::decodeSuspectAnswer);
  }

  private static Case<Probe> probe(Probe value, String hex) {
    return new Case<>(value, hex, LivenessCodec::encode, LivenessCodec::decodeProbe);
  }

  private static Case<ProbeAnswer> probeAnswer(ProbeAnswer value, String hex) {
    return new Case<>(value, hex, LivenessCodec::encode, LivenessCodec::decodeProbeAnswer);
  }

  @Test
  void writesTheAgreedBytesAndReadsThemBack() {
    for (Case<?> each : CASES) {
      assertEquals(each.hex(), HexFormat.of().formatHex(each.bytes()), each.value()::toString);
      assertEquals(each.value(), each.decode().apply(each.bytes()));
    }
  }

  @Test
  void refusesWhatEndsEarlyOrLate() {
    for (Case<?> each : CASES) {
      byte[] bytes = each.bytes();
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThrows(UnknownFormatException.class, () -> each.decode().apply(cut));
      }
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThrows(UnknownFormatException.class, () -> each.decode().apply(longer));
    }
  }

  @Test
  void refusesALayoutItDoesNotKnow() {
    for (Case<?> each : CASES) {
      byte[] bytes = each.bytes();
      bytes[0]++;
      assertThrows(UnknownFormatException.class, () -> each.decode().apply(bytes));
    }
  }

  @Test
  void damagedBytesAreRefusedOrAreSomethingElseButNeverBreakTheReader() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (Case<?> each : CASES) {
      for (int round = 0; round < 2_000; round++) {
        byte[] bytes = each.bytes();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
          var _ = each.decode().apply(bytes);
        } catch (UnknownFormatException _) {
          // as it should be
        } catch (RuntimeException | Error e) {
          fail("seed " + seed + ": " + HexFormat.of().formatHex(bytes) + " as " + each, e);
        }
      }
    }
  }

  @Test
  void refusesAnAnswerThatWasHeardLongerAgoThanIsSaid() {
    int max = Heartbeat.AGO_MS_MAX;
    Heartbeat longest = new Heartbeat(3, 300, ID, true, AppliedPositions.NONE, max);
    assertEquals(longest, LivenessCodec.decodeHeartbeat(LivenessCodec.encode(longest)));

    byte[] longer =
        LivenessCodec.encode(new Heartbeat(3, 300, ID, true, AppliedPositions.NONE, max + 1));

    assertThrows(UnknownFormatException.class, () -> LivenessCodec.decodeHeartbeat(longer));
  }

  @Test
  void refusesAnotherCommandInPlaceOfARegistration() {
    byte[] bytes = LeadershipCommandCodec.encode(new FenceBroker(1, 2));

    assertThrows(UnknownFormatException.class, () -> LivenessCodec.decodeRegister(bytes));
  }
}
