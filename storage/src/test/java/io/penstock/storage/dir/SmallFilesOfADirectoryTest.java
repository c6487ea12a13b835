package io.penstock.storage.dir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The expected texts are what Kafka 4.4.0 wrote. */
class SmallFilesOfADirectoryTest {
  private static final Path DIRECTORY = Path.of("/data");
  private static final UUID ID =
      new UUID(0x3031323334353637L, 0x3839616263646566L); // "0123456789abcdef"

  private static final String ID_TEXT = "MDEyMzQ1Njc4OWFiY2RlZg";

  private final FakeDisk disk = new FakeDisk(1);

  @BeforeEach
  void createDirectory() throws StorageException {
    disk.createDirectories(DIRECTORY);
    disk.syncDirectory(DIRECTORY);
  }

  private void put(String name, String text) throws StorageException {
    disk.writeAtomically(DIRECTORY.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  private String text(String name) throws StorageException {
    return new String(disk.readSmall(DIRECTORY.resolve(name), 1000), StandardCharsets.UTF_8);
  }

  @Test
  void writesAnOffsetCheckpointAsKafkaDoesAndReadsItBack() throws Exception {
    Checkpoint checkpoint = new Checkpoint(disk, DIRECTORY, Checkpoint.RECOVERY_POINTS);
    Map<Checkpoint.Partition, Long> offsets = new LinkedHashMap<>();
    offsets.put(new Checkpoint.Partition("orders", 0), 42L);
    offsets.put(new Checkpoint.Partition("a.b_c-d", 11), 0L);
    assertEquals(Map.of(), checkpoint.read());

    checkpoint.write(offsets);

    assertEquals("0\n2\norders 0 42\na.b_c-d 11 0\n", text("recovery-point-offset-checkpoint"));
    assertEquals(offsets, checkpoint.read());
  }

  @Test
  void refusesADamagedOffsetCheckpointAndTakesAnEmptyOne() throws Exception {
    Checkpoint checkpoint = new Checkpoint(disk, DIRECTORY, "c");
    for (String text :
        List.of("1\n0\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\na x 1\n", "0\n1\na 0 1 2\n")) {
      put("c", text);
      assertThrows(CorruptFileException.class, checkpoint::read, text);
    }
    put("c", "");
    assertEquals(Map.of(), checkpoint.read());
    put("c", "0\n0\n");
    assertEquals(Map.of(), checkpoint.read());
  }

  @Test
  void aCheckpointIsTheOldOrTheNewOneAfterAnyCrash() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      FakeDisk fragile = new FakeDisk(seed);
      fragile.createDirectories(DIRECTORY);
      fragile.syncDirectory(DIRECTORY);
      Checkpoint checkpoint = new Checkpoint(fragile, DIRECTORY, "c");
      Map<Checkpoint.Partition, Long> before = Map.of(new Checkpoint.Partition("t", 0), 1L);
      Map<Checkpoint.Partition, Long> after = Map.of(new Checkpoint.Partition("t", 0), 222_222L);
      checkpoint.write(before);
      fragile.failWritesFrom(seed % 8);
      try {
        checkpoint.write(after);
      } catch (StorageException e) {
        // The process dies here.
      }
      fragile.healWrites();
      FakeDisk.Tearing[] ways = FakeDisk.Tearing.values();
      fragile.crash(ways[seed % ways.length]);

      Map<Checkpoint.Partition, Long> found = checkpoint.read();

      assertTrue(found.equals(before) || found.equals(after), "seed " + seed + ": " + found);
    }
  }

  @Test
  void writesPartitionMetadataAsKafkaDoesAndReadsItBack() throws Exception {
    assertEquals(Optional.empty(), PartitionMetadataFile.read(disk, DIRECTORY));

    PartitionMetadataFile.write(disk, DIRECTORY, ID);

    assertEquals("version: 0\ntopic_id: " + ID_TEXT, text("partition.metadata"));
    assertEquals(Optional.of(ID), PartitionMetadataFile.read(disk, DIRECTORY));
    put("partition.metadata", "version: 1\ntopic_id: " + ID_TEXT + "\n");
    assertEquals(Optional.of(ID), PartitionMetadataFile.read(disk, DIRECTORY));
  }

  @Test
  void refusesPartitionMetadataWithoutATopicId() throws Exception {
    for (String text :
        List.of(
            "",
            "version: 0\n",
            "version: x\ntopic_id: " + ID_TEXT,
            "version: -1\ntopic_id: " + ID_TEXT,
            "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA",
            "version: 0\ntopic_id: short",
            "topic_id: " + ID_TEXT + "\nversion: 0")) {
      put("partition.metadata", text);
      assertThrows(
          CorruptFileException.class, () -> PartitionMetadataFile.read(disk, DIRECTORY), text);
    }
  }

  @Test
  void writesTheCleanShutdownMarkAsKafkaDoesAndTakesItAwayDurably() throws Exception {
    new CleanShutdownMark(12345).write(disk, DIRECTORY);

    assertEquals("{\"version\":0,\"brokerEpoch\":12345}", text(".kafka_cleanshutdown"));
    assertEquals(
        Optional.of(new CleanShutdownMark(12345)), CleanShutdownMark.read(disk, DIRECTORY));
    CleanShutdownMark.delete(disk, DIRECTORY);
    disk.crash(FakeDisk.Tearing.LOSE_ALL);
    assertEquals(Optional.empty(), CleanShutdownMark.read(disk, DIRECTORY));
    CleanShutdownMark.delete(disk, DIRECTORY);
  }

  @Test
  void aMarkThatSaysNothingIsStillAMark() throws Exception {
    put(".kafka_cleanshutdown", "");
    assertEquals(Optional.of(new CleanShutdownMark(-1)), CleanShutdownMark.read(disk, DIRECTORY));
    put(".kafka_cleanshutdown", "{\"version\" : 0, \"brokerEpoch\" : 7, \"more\" : true}");
    assertEquals(Optional.of(new CleanShutdownMark(7)), CleanShutdownMark.read(disk, DIRECTORY));
  }

  @Test
  void readsTheIdentityThatKafkaWroteAndWritesTheSame() throws Exception {
    MetaProperties identity = new MetaProperties("MkU3OEVBNTcwNTJENDM2Qg", 7, ID);
    String lines =
        "cluster.id=MkU3OEVBNTcwNTJENDM2Qg\ndirectory.id=" + ID_TEXT + "\nnode.id=7\nversion=1\n";
    put("meta.properties", "#\n#Sun Nov 22 14:36:38 UTC 2026\n" + lines);
    assertEquals(Optional.of(identity), MetaProperties.read(disk, DIRECTORY));

    identity.write(disk, DIRECTORY);

    assertEquals("#\n" + lines, text("meta.properties"));
    MetaProperties odd = new MetaProperties("a=b: c#\\!", 0, null);
    odd.write(disk, DIRECTORY);
    assertEquals(Optional.of(odd), MetaProperties.read(disk, DIRECTORY));
    assertFalse(text("meta.properties").contains("directory.id"));
  }

  @Test
  void refusesAnIdentityThatIsIncomplete() throws Exception {
    assertEquals(Optional.empty(), MetaProperties.read(disk, DIRECTORY));
    for (String text :
        List.of(
            "",
            "version=0\nbroker.id=1\n",
            "version=1\nnode.id=1\n",
            "version=1\ncluster.id=c\n",
            "version=1\ncluster.id=c\nnode.id=one\n",
            "version=1\ncluster.id=c\nnode.id=1\ndirectory.id=x\n")) {
      put("meta.properties", text);
      assertThrows(CorruptFileException.class, () -> MetaProperties.read(disk, DIRECTORY), text);
    }
  }

  @Test
  void idsAreWrittenAsKafkaWritesThem() {
    assertEquals(ID_TEXT, WireUuid.format(ID));
    assertEquals(ID, WireUuid.parse(ID_TEXT));
    assertThrows(IllegalArgumentException.class, () -> WireUuid.parse("MDEyMzQ1Njc4OWFiY2RlZ"));
    assertThrows(IllegalArgumentException.class, () -> WireUuid.parse("MDEyMzQ1Njc4OWFiY2Rl!!"));
  }
}
