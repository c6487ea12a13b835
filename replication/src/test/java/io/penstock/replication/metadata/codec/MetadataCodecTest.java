package io.penstock.replication.metadata.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetFeatureLevel;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.metadata.MetadataRules;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.FeatureLevels;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes here are on disks: where one of these tests fails, a version is to be raised. */
class MetadataCodecTest {

  private static final UUID ID = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final String ID_HEX = "0102030405060708090a0b0c0d0e0f10";
  private static final SetConfigs SET =
      new SetConfigs(
          List.of(
              ConfigChange.merge(new ConfigTarget.Topic(ID), Map.of("k", "v"), Set.of("d")),
              ConfigChange.replace(new ConfigTarget.Node(3), Map.of("n", "1")),
              ConfigChange.replace(new ConfigTarget.AllNodes(), Map.of("c", ""))));

  private static final Map<MetadataCommand, String> GOLDEN =
      Map.of(
          SET,
          "0101" + "03" + "02" + ID_HEX + "00" + "01" + "016b" + "0176" + "01" + "0164" + "0103"
              + "01" + "01" + "016e" + "0131" + "00" + "00" + "01" + "01" + "0163" + "00" + "00",
          new SetConfigs(
              List.of(ConfigChange.replace(new ConfigTarget.Group("g"), Map.of("k", "v")))),
          "0101" + "01" + "03" + "0167" + "01" + "01" + "016b" + "0176" + "00",
          new DeleteTopicConfigs(List.of(ID)),
          "0102" + "01" + ID_HEX,
          new AllocateProducerIds(1, 1000),
          "0103" + "01" + "d00f",
          new SetFeatureLevel(1),
          "0104" + "02");

  @Test
  void commandsHaveTheBytesThatAreOnDisks() {
    GOLDEN.forEach((command, hex) -> {
      byte[] encoded = MetadataCodec.encode(command);
      assertEquals(hex, HexFormat.of().formatHex(encoded), command.toString());
      assertEquals(command, MetadataCodec.decode(encoded));
    });
  }

  @Test
  void snapshotsHaveTheBytesThatAreOnDisks() throws IOException {
    MetadataImage image = MetadataRules.apply(MetadataImage.EMPTY, SET).image();
    image = MetadataRules.apply(image, new AllocateProducerIds(1, 1000)).image();

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    MetadataCodec.writeImage(image, new CompactOutput(bytes));
    byte[] written = bytes.toByteArray();

    assertEquals(
        "01" + "01" + "e807" + "03" + "00" + "01" + "0163" + "00" + "0103" + "01" + "016e" + "0131"
            + "02" + ID_HEX + "01" + "016b" + "0176",
        HexFormat.of().formatHex(written));
    assertEquals(
        image,
        MetadataCodec.readImage(
            new CompactInput(new ByteArrayInputStream(written), written.length)));
  }

  @Test
  void snapshotsHoldTheSettingsOfGroups() throws IOException {
    MetadataImage image =
        MetadataRules.apply(
                MetadataImage.EMPTY,
                new SetConfigs(
                    List.of(
                        ConfigChange.replace(new ConfigTarget.Group("g"), Map.of("k", "v")),
                        ConfigChange.replace(new ConfigTarget.Topic(ID), Map.of("k", "w")))))
            .image();

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    MetadataCodec.writeImage(image, new CompactOutput(bytes));
    byte[] written = bytes.toByteArray();

    assertEquals(
        "01" + "01" + "00" + "02" + "02" + ID_HEX + "01" + "016b" + "0177" + "03" + "0167" + "01"
            + "016b" + "0176",
        HexFormat.of().formatHex(written));
    assertEquals(
        image,
        MetadataCodec.readImage(
            new CompactInput(new ByteArrayInputStream(written), written.length)));
  }

  @Test
  void nodeThatDoesNotKnowTheFeatureLevelDoesNotGoOn() {
    byte[] above = {1, 4, 2 * (FeatureLevels.KNOWN + 1)};
    byte[] image = {1, FeatureLevels.KNOWN + 1, 0, 0};
    CompactInput in = new CompactInput(new ByteArrayInputStream(image), image.length);

    assertThrows(UnknownFormatException.class, () -> MetadataCodec.decode(above));
    assertThrows(UnknownFormatException.class, () -> MetadataCodec.readImage(in));
    assertThrows(
        IllegalArgumentException.class,
        () -> MetadataCodec.encode(new SetFeatureLevel(FeatureLevels.KNOWN + 1)));
  }

  @Test
  void refusesWhatANewerVersionWrote() {
    assertThrows(UnknownFormatException.class, () -> MetadataCodec.decode(new byte[] {2, 3, 1, 2}));
    assertThrows(UnknownFormatException.class, () -> MetadataCodec.decode(new byte[] {1, 99}));
  }
}
