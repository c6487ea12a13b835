package io.penstock.storage.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The index of aborted transactions, against bytes of Kafka's own. */
class TransactionIndexTest {
  private static final Path DIRECTORY = Path.of("/data/topic-0");
  private static final Path FILE = DIRECTORY.resolve("00000000000000001000.txnindex");

  /** Written by TransactionIndex of Kafka 4.4.0. */
  private static final String GOLDEN =
      "000000000000000003e800000000000003e900000000000003ed00000000000003ee"
          + "000000000000000007d000000000000003ea00000000000003f100000000000003f2";

  private static final AbortedTransaction FIRST = new AbortedTransaction(1000, 1001, 1005, 1006);
  private static final AbortedTransaction SECOND = new AbortedTransaction(2000, 1002, 1009, 1010);

  private final FakeDisk disk = new FakeDisk(1);
  private final TransactionIndex index = new TransactionIndex(disk, FILE, 1000);

  @BeforeEach
  void createDirectory() throws StorageException {
    disk.createDirectories(DIRECTORY);
  }

  private List<AbortedTransaction> collected(long from, long to, boolean expectComplete)
      throws StorageException {
    List<AbortedTransaction> found = new ArrayList<>();
    assertEquals(expectComplete, index.collect(from, to, found));
    return found;
  }

  @Test
  void writesAndReadsTheBytesThatKafkaWrites() throws Exception {
    assertEquals(List.of(), index.all());
    assertFalse(disk.exists(FILE));

    index.append(FIRST);
    index.append(SECOND);
    index.force();

    assertArrayEquals(HexFormat.of().parseHex(GOLDEN), disk.readSmall(FILE, 100));
    assertEquals(List.of(FIRST, SECOND), index.all());
    index.sanityCheck();
  }

  @Test
  void collectsWhatOverlapsAFetchAndSaysWhetherThatIsAll() throws Exception {
    index.append(FIRST);
    index.append(SECOND);

    assertEquals(List.of(FIRST), collected(1000, 1002, true));
    assertEquals(List.of(FIRST, SECOND), collected(1005, 1007, true));
    assertEquals(List.of(SECOND), collected(1006, 1010, true));
    assertEquals(List.of(SECOND), collected(1009, 2000, false));
    assertEquals(List.of(), collected(1010, 2000, false));
  }

  @Test
  void truncatesByTheMarkersOffset() throws Exception {
    index.append(FIRST);
    index.append(SECOND);

    index.truncateTo(1010);
    assertEquals(2, index.all().size());
    index.truncateTo(1009);
    assertEquals(List.of(FIRST), index.all());
    index.append(SECOND);
    index.clear();
    assertEquals(List.of(), index.all());
    index.truncateTo(0);
    index.force();
    assertTrue(index.all().isEmpty());
  }

  @Test
  void anEntryThatACrashCutOffIsOverwritten() throws Exception {
    index.append(FIRST);
    byte[] torn = Arrays.copyOf(disk.readSmall(FILE, 100), 40);
    disk.writeAtomically(FILE, torn);
    assertEquals(List.of(FIRST), index.all());

    index.append(SECOND);

    assertArrayEquals(HexFormat.of().parseHex(GOLDEN), disk.readSmall(FILE, 100));
  }

  @Test
  void sanityCheckFindsDisorderAndForeignVersions() throws Exception {
    index.append(SECOND);
    index.append(FIRST);
    assertThrows(CorruptFileException.class, index::sanityCheck);
    index.clear();
    index.append(new AbortedTransaction(1, 900, 999, 1000));
    assertThrows(CorruptFileException.class, index::sanityCheck);
    disk.writeAtomically(FILE, HexFormat.of().parseHex("0001" + GOLDEN.substring(4)));
    assertThrows(CorruptFileException.class, index::all);
  }
}
