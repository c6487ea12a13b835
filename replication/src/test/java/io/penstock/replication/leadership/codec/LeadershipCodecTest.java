package io.penstock.replication.leadership.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.BrokerDirectories;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.IsrChange;
import io.penstock.replication.leadership.LeadershipCommand.IsrMember;
import io.penstock.replication.leadership.LeadershipCommand.PartitionRef;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.NodeIds;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes here are on disks: where one of these tests fails, a version is to be raised. */
class LeadershipCodecTest {
  private static final Address CLIENT = new Address("h", 9092);
  private static final Address PEER = new Address("p", 9093);

  private static final UUID ID = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final String ID_HEX = "0102030405060708090a0b0c0d0e0f10";

  private static final Map<LeadershipCommand, String> GOLDEN =
      Map.ofEntries(
          Map.entry(
              new RegisterBroker(1, ID, CLIENT, PEER, "r", 300),
              "0101" + "02" + ID_HEX + "0168" + "8447" + "0170" + "8547" + "01" + "0172" + "d804"
                  + "01"),
          Map.entry(
              new RegisterBroker(1, ID, CLIENT, PEER, null, -1),
              "0101" + "02" + ID_HEX + "0168" + "8447" + "0170" + "8547" + "00" + "01" + "01"),
          Map.entry(
              new RegisterBroker(1, ID, CLIENT, PEER, null, -1, List.of(ID)),
              "010c" + "02" + ID_HEX + "0168" + "8447" + "0170" + "8547" + "00" + "01" + "01" + "01"
                  + ID_HEX),
          Map.entry(new UnfenceBroker(1, 2), "01020104"),
          Map.entry(new FenceBroker(1, 2), "01030104"),
          Map.entry(new DrainBroker(1, 2), "01040104"),
          Map.entry(new UnregisterBroker(7), "010507"),
          Map.entry(
              new CreateTopics(List.of(NewTopic.placed("t", ID, 3, 2))),
              "0106" + "01" + "0174" + ID_HEX + "06" + "04" + "00" + "02" + "00"),
          Map.entry(
              new CreateTopics(
                  List.of(
                      NewTopic.assigned("t", ID, List.of(NodeIds.of(1, 2)))
                          .withFirstLeaderEpoch(3))),
              "0106" + "01" + "0174" + ID_HEX + "02" + "04" + "01" + "020204" + "02" + "06"),
          Map.entry(new DeleteTopics(List.of(ID)), "0107" + "01" + ID_HEX),
          Map.entry(
              new CreatePartitions(ID, 5, List.of(NodeIds.of(3))),
              "0108" + ID_HEX + "0a" + "01" + "0106"),
          Map.entry(new SetMinInsyncReplicas(ID, 2), "0109" + ID_HEX + "04"),
          Map.entry(
              new ChangeIsr(
                  1, 2, List.of(new IsrChange(ID, 3, 4, 5, List.of(new IsrMember(6, 7))))),
              "010a" + "01" + "04" + "01" + ID_HEX + "03" + "08" + "0a" + "01" + "06" + "0e"),
          Map.entry(
              new ElectLeaders(ElectionKind.UNCLEAN, List.of(new PartitionRef(ID, 1))),
              "010b" + "01" + "01" + ID_HEX + "01"));

  @Test
  void commandsHaveTheBytesThatAreOnDisks() {
    GOLDEN.forEach((command, hex) -> {
      byte[] encoded = LeadershipCommandCodec.encode(command);
      assertEquals(hex, HexFormat.of().formatHex(encoded), command.toString());
      assertEquals(command, LeadershipCommandCodec.decode(encoded));
    });
  }

  @Test
  void snapshotsHaveTheBytesThatAreOnDisks() throws IOException {
    LeadershipImage image =
        LeadershipImage.restore(
            9,
            4,
            List.of(
                new BrokerImage(
                    1, 9, ID, CLIENT, PEER, "r", false, true, 1, BrokerDirectories.UNKNOWN)),
            List.of(
                new TopicImage(
                    "t",
                    ID,
                    2,
                    List.of(
                        new PartitionImage(
                            1, 3, 4, NodeIds.of(1, 2), NodeIds.of(1, 2), NodeIds.NONE),
                        new PartitionImage(
                            -1, 3, 4, NodeIds.of(1, 2), NodeIds.of(1), NodeIds.of(2))))));

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LeadershipImageCodec.write(image, new CompactOutput(bytes));
    byte[] written = bytes.toByteArray();

    assertEquals(
        "01" + "09" + "04" + "01" + "01" + "09" + ID_HEX + "0168" + "8447" + "0170" + "8547"
            + "010172" + "00" + "01" + "01" + "01" + "0174" + ID_HEX + "02" + "02" + "01" + "02"
            + "03" + "04" + "020102" + "00" + "01" + "03" + "04" + "020102" + "0101" + "0102",
        HexFormat.of().formatHex(written));
    assertEquals(
        image,
        LeadershipImageCodec.read(
            new CompactInput(new ByteArrayInputStream(written), written.length)));
  }

  @Test
  void snapshotsKeepWhichDirectoriesBrokersHaveAndWhoWaitsForOne() throws IOException {
    LeadershipImage image =
        LeadershipImage.restore(
            9,
            4,
            List.of(
                new BrokerImage(
                    1,
                    9,
                    ID,
                    CLIENT,
                    PEER,
                    null,
                    false,
                    true,
                    1,
                    new BrokerDirectories(List.of(ID), List.of(new UUID(1, 2), new UUID(3, 4))))),
            List.of(
                new TopicImage(
                    "t",
                    ID,
                    1,
                    List.of(
                        new PartitionImage(
                            -1, 3, 4, NodeIds.of(1), NodeIds.of(1), NodeIds.NONE, true)))));

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LeadershipImageCodec.write(image, new CompactOutput(bytes));
    byte[] written = bytes.toByteArray();

    assertEquals(2, written[0]);
    assertEquals(
        image,
        LeadershipImageCodec.read(
            new CompactInput(new ByteArrayInputStream(written), written.length)));
  }

  @Test
  void refusesWhatANewerVersionWrote() {
    assertThrows(UnknownFormatException.class, () -> decode("02020104"));
    assertThrows(UnknownFormatException.class, () -> decode("017f"));
    UnknownFormatException refused =
        assertThrows(UnknownFormatException.class, () -> decode("0102010400"));
    assertTrue(String.valueOf(refused.getMessage()).contains("follow the last field"));
  }

  @Test
  void refusesDamagedBytesWithoutAllocatingWhatTheyAnnounce() {
    byte[] good =
        LeadershipCommandCodec.encode(
            new CreateTopics(List.of(NewTopic.assigned("t", ID, List.of(NodeIds.of(1, 2))))));
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      try {
        LeadershipCommandCodec.decode(bad);
      } catch (UnknownFormatException expected) {
        assertTrue(expected.getMessage() != null, "seed " + seed); // no other failure is allowed
      }
    }
  }

  private static void decode(String hex) {
    LeadershipCommandCodec.decode(HexFormat.of().parseHex(hex));
  }
}
