package io.penstock.storage.producer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.FakeDisk;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The snapshot file, against bytes of Kafka's own. */
class ProducerSnapshotTest {
  private static final Path DIRECTORY = Path.of("/data/topic-0");

  /** Written by ProducerStateManager of Kafka 4.4.0. */
  private static final String GOLDEN =
      "00018d101d6d0000000200000000000003e80003000000090000000000000031000000040000018bcfe5687b"
          + "00000007000000000000002800000000000007d00000ffffffffffffffffffffffff000000000000018b"
          + "cfe569c8ffffffffffffffffffffffff";

  private static final List<ProducerStateView> PRODUCERS =
      List.of(
          new ProducerStateView(1000, (short) 3, 9, 49, 4, 1_700_000_000_123L, 7, 40),
          new ProducerStateView(2000, (short) 0, -1, -1, 0, 1_700_000_000_456L, -1, -1));

  private final FakeDisk disk = new FakeDisk(1);

  @Test
  void writesTheBytesThatKafkaWrites() {
    assertArrayEquals(HexFormat.of().parseHex(GOLDEN), ProducerSnapshot.encode(PRODUCERS));
  }

  @Test
  void readsWhatKafkaWrote() throws Exception {
    disk.createDirectories(DIRECTORY);
    Path path = ProducerSnapshot.path(DIRECTORY, 50);
    disk.writeAtomically(path, HexFormat.of().parseHex(GOLDEN));

    assertEquals(PRODUCERS, ProducerSnapshot.read(disk, path));
    assertEquals(DIRECTORY.resolve("00000000000000000050.snapshot"), path);
    assertEquals(OptionalLong.of(50), ProducerSnapshot.offsetOf(path));
    assertEquals(OptionalLong.empty(), ProducerSnapshot.offsetOf(DIRECTORY));
    assertEquals(
        OptionalLong.empty(),
        ProducerSnapshot.offsetOf(DIRECTORY.resolve("0000000000000000005x.snapshot")));
  }

  @Test
  void anEntryWithoutABatchComesBackAsOne() {
    ProducerStates states = new ProducerStates(ProducerLimits.DEFAULT);

    states.load(PRODUCERS, 1_700_000_000_999L);

    assertEquals(PRODUCERS, states.list());
    assertEquals(OptionalLong.of(40), states.firstUndecidedOffset());
  }

  @Test
  void refusesEveryDamage() throws Exception {
    disk.createDirectories(DIRECTORY);
    Path path = ProducerSnapshot.path(DIRECTORY, 50);
    byte[] whole = ProducerSnapshot.encode(PRODUCERS);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      disk.writeAtomically(path, damaged);
      assertThrows(CorruptFileException.class, () -> ProducerSnapshot.read(disk, path));
      disk.writeAtomically(path, Arrays.copyOf(whole, at));
      assertThrows(CorruptFileException.class, () -> ProducerSnapshot.read(disk, path));
    }
  }

  @Test
  void anEmptySnapshotIsASnapshot() throws Exception {
    disk.createDirectories(DIRECTORY);
    Path path = ProducerSnapshot.path(DIRECTORY, 0);

    ProducerSnapshot.write(disk, path, List.of());

    assertEquals(List.of(), ProducerSnapshot.read(disk, path));
  }
}
