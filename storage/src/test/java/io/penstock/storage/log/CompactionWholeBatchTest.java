package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.KeyedBatch;
import io.penstock.storage.batch.KeyedBatch.Read;
import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.compact.BatchCodec;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.ScratchBuffer;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What deletions are worth where a cleaning cannot look into all batches. */
class CompactionWholeBatchTest {
  private static final String LARGE = "v".repeat(60);
  private static final int UNPACKED_BYTES_MAX = 50;

  private final CopyingCodec codec = new CopyingCodec();
  private CompactionFixture fixture;

  /** Compresses nothing, and heeds the bound; may be out of memory a few times. */
  private static final class CopyingCodec implements BatchCodec {
    private int unpacked;
    private int scarceFrom = Integer.MAX_VALUE;
    private int scarceTo = Integer.MAX_VALUE;
    private boolean scarceForPacking;

    @Override
    public void unpack(int codec, ByteBuffer packed, ScratchBuffer into, int bytesMax)
        throws MalformedRecordsException {
      unpacked++;
      if (unpacked >= scarceFrom && unpacked < scarceTo) {
        into.append(ByteBuffer.allocate(1 << 20));
        throw new OutOfMemoryError("Unable to allocate");
      }
      if (packed.remaining() > bytesMax) {
        throw new MalformedRecordsException("more than " + bytesMax + " bytes");
      }
      into.append(packed);
    }

    @Override
    public void pack(int codec, ByteBuffer records, ScratchBuffer into) {
      if (scarceForPacking) {
        throw new OutOfMemoryError("Unable to allocate");
      }
      into.append(records);
    }
  }

  @BeforeEach
  void setUp() throws StorageException {
    fixture = new CompactionFixture(new FakeDisk(1));
    fixture.tools = tools(UNPACKED_BYTES_MAX);
  }

  private CleanerTools tools(int unpackedBytesMax) {
    return new CleanerTools(codec, fixture.throttle, 1 << 20, unpackedBytesMax);
  }

  private long putPacked(String key, String value) throws StorageException {
    return fixture.append(KeyedBatch.at(fixture.fixture.nowMs.get()).codec(1).record(key, value));
  }

  private long deletePacked(String key) throws StorageException {
    return fixture.append(KeyedBatch.at(fixture.fixture.nowMs.get()).codec(1).record(key, null));
  }

  /** Cleans once more, when what an earlier cleaning found bound to go may. */
  private void cleanLater() throws StorageException {
    fixture.fixture.nowMs.addAndGet(CompactionFixture.TOMBSTONE_MS + 1);
    fixture.roll();
    assertTrue(fixture.clean());
  }

  private List<Read> recordsOf(String key) throws StorageException {
    return fixture.readAll().stream().filter(read -> key.equals(read.key())).toList();
  }

  private List<String> valuesOf(String key) throws StorageException {
    return recordsOf(key).stream().map(read -> Objects.toString(read.value())).toList();
  }

  @Test
  void aDeletionLastsAsLongAsABatchBeforeItThatStaysWhole() throws StorageException {
    putPacked("k", LARGE);
    fixture.put("k", null);
    fixture.put("other", null);
    fixture.roll();
    fixture.clean();

    for (int i = 0; i < 3; i++) {
      cleanLater();
      assertEquals(List.of(LARGE, "null"), valuesOf("k"), "cleaning " + i);
    }
  }

  @Test
  void aDeletionBeforeABatchThatStaysWholeGoesInItsTime() throws StorageException {
    fixture.put("k", null);
    putPacked("other", LARGE);
    fixture.roll();
    fixture.clean();

    cleanLater();

    assertEquals(List.of(), valuesOf("k"));
    assertEquals(List.of(LARGE), valuesOf("other"));
  }

  @Test
  void aDeletionOutlastsWhatItDeletesWhenLargerBatchesMayBeUnpackedAgain() throws StorageException {
    putPacked("k", LARGE);
    fixture.put("k", null);
    fixture.roll();
    fixture.clean();
    cleanLater();

    fixture.tools = tools(1 << 20);

    assertGoesForGood("k");
  }

  @Test
  void aDeletionThatWasTooLargeToBeReadDeletesWhenItCanBe() throws StorageException {
    fixture.put("k", "1");
    fixture.append(
        KeyedBatch.at(fixture.fixture.nowMs.get())
            .codec(1)
            .record("other", LARGE)
            .record("k", null));
    fixture.roll();
    fixture.clean();
    cleanLater();
    assertEquals(List.of("1", "null"), valuesOf("k"));

    fixture.tools = tools(1 << 20);

    assertGoesForGood("k");
  }

  @Test
  void aDeletionThatThereWasNoMemoryForIsLookedAtAgain() throws StorageException {
    fixture.put("k", "1");
    long deletedAt = deletePacked("k");
    fixture.roll();
    codec.scarceFrom = 1;
    codec.scarceTo = 2;

    assertTrue(fixture.clean());

    assertEquals(deletedAt, fixture.log.cleanedTo());
    assertGoesForGood("k");
  }

  @Test
  void aCleaningThatHasNoMemoryForItsFirstBatchFailsAndIsBegunAgain() throws StorageException {
    deletePacked("k");
    fixture.roll();
    codec.scarceFrom = 1;
    codec.scarceTo = 2;

    assertThrows(OutOfMemoryError.class, fixture::clean);

    assertEquals(0, fixture.log.cleanedTo());
    assertEquals(0, fixture.tools.heldBytes());
    assertGoesForGood("k");
  }

  @Test
  void aBatchThatThereIsNoMemoryToCopyStaysAndHoldsUpNoCleaning() throws StorageException {
    putPacked("k", "1");
    fixture.put("k", null);
    fixture.roll();
    codec.scarceFrom = 2;
    codec.scarceTo = 3;
    CleaningTotals totals = new CleaningTotals();

    assertTrue(fixture.clean(totals));

    assertEquals(1, totals.unreadable);
    assertEquals(List.of("1", "null"), valuesOf("k"));
    assertGoesForGood("k");
  }

  @Test
  void recordsWithoutAKeyAreToldOfWhenTheyGo() throws StorageException {
    long nowMs = fixture.fixture.nowMs.get();
    fixture.append(KeyedBatch.at(nowMs).codec(1).record(null, "1").record("k", "2"));
    fixture.roll();
    codec.scarceForPacking = true;
    CleaningTotals stayed = new CleaningTotals();
    assertTrue(fixture.clean(stayed));
    codec.scarceForPacking = false;
    fixture.roll();
    CleaningTotals went = new CleaningTotals();

    assertTrue(fixture.clean(went));

    assertEquals(0, stayed.keyless);
    assertEquals(1, stayed.unreadable);
    assertEquals(1, went.keyless);
  }

  @Test
  void aDeletionThatTheLeaderGaveItsTimeOutlastsWhatItDeletesHere() throws StorageException {
    putPacked("k", LARGE);
    long nowMs = fixture.fixture.nowMs.get();
    fixture.copy(KeyedBatch.dated(nowMs, nowMs).record("k", null));
    fixture.roll();
    fixture.clean();
    assertEquals(List.of(LARGE, "null"), valuesOf("k"));

    fixture.tools = tools(1 << 20);

    assertGoesForGood("k");
  }

  @Test
  void aDeletionThatTheLeaderGaveItsTimeDeletesWhenItsBatchCanBeReadHere() throws StorageException {
    fixture.put("k", "1");
    long nowMs = fixture.fixture.nowMs.get();
    fixture.copy(KeyedBatch.dated(nowMs, nowMs).codec(1).record("other", LARGE).record("k", null));
    fixture.roll();
    fixture.clean();
    assertEquals(List.of("1", "null"), valuesOf("k"));

    fixture.tools = tools(1 << 20);

    assertGoesForGood("k");
    assertEquals(List.of(LARGE), valuesOf("other"));
  }

  @Test
  void aDeletionThatIsDueStaysWhileItsBatchFindsNoMemory() throws StorageException {
    putPacked("k", LARGE);
    long nowMs = fixture.fixture.nowMs.get();
    fixture.copy(KeyedBatch.dated(nowMs, nowMs).codec(1).record("k", null));
    fixture.roll();
    fixture.clean();
    fixture.tools = tools(1 << 20);
    codec.scarceFrom = codec.unpacked + 1;
    codec.scarceTo = codec.scarceFrom + 1;

    cleanLater();

    assertEquals(List.of(LARGE, "null"), valuesOf("k"));
    assertGoesForGood("k");
  }

  @Test
  void theLastRecordOfEachKeyIsTheLastWhateverCouldBeRead() throws StorageException {
    for (long seed = 0; seed < 100; seed++) {
      try {
        runOnce(new Random(seed));
      } catch (StorageException | RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  private void runOnce(Random random) throws StorageException {
    codec.scarceFrom = Integer.MAX_VALUE;
    setUp();
    for (int round = 0; round < 8; round++) {
      for (int i = 0; i < 10; i++) {
        boolean copied = random.nextInt(4) == 0;
        KeyedBatch batch = copied ? dated(random) : KeyedBatch.at(fixture.fixture.nowMs.get());
        batch.codec(random.nextInt(2));
        for (int records = random.nextInt(3); records >= 0; records--) {
          String value = random.nextInt(3) == 0 ? null : "v".repeat(random.nextInt(30));
          batch.record("k" + random.nextInt(6), value);
        }
        if (copied) {
          fixture.copy(batch);
        } else {
          fixture.append(batch);
        }
      }
      fixture.roll();
      fixture.tools = tools(random.nextBoolean() ? UNPACKED_BYTES_MAX : 1 << 20);
      codec.scarceFrom = codec.unpacked + random.nextInt(40);
      codec.scarceTo = codec.scarceFrom + random.nextInt(2);
      try {
        fixture.clean();
      } catch (OutOfMemoryError scarce) {
        assertTrue(codec.scarceTo > codec.scarceFrom, "none was refused");
      }
      assertLastRecords();
      fixture.fixture.nowMs.addAndGet(random.nextLong(2 * CompactionFixture.TOMBSTONE_MS));
    }
    fixture.tools = tools(1 << 20);
    codec.scarceFrom = Integer.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      cleanLater();
      assertLastRecords();
    }
    assertTrue(
        fixture.readAll().stream().allMatch(read -> read.value() != null),
        () -> "a tombstone is left for good");
  }

  private KeyedBatch dated(Random random) {
    long nowMs = fixture.fixture.nowMs.get();
    long soonMs = random.nextLong(2 * CompactionFixture.TOMBSTONE_MS);
    return KeyedBatch.dated(nowMs, nowMs - CompactionFixture.TOMBSTONE_MS + soonMs);
  }

  /** Of a deleted key there may be nothing left, but not a value without its deletion behind it. */
  private void assertLastRecords() throws StorageException {
    Map<String, Read> found = new HashMap<>();
    fixture.readAll().forEach(read -> found.put(Objects.requireNonNull(read.key()), read));
    fixture.last.forEach((key, read) -> {
      if (read.value() != null || found.containsKey(key)) {
        assertEquals(read, found.get(key));
      }
    });
  }

  /** Whatever of it each cleaning leaves ends with its deletion, until nothing is left. */
  private void assertGoesForGood(String key) throws StorageException {
    for (int i = 0; i < 4; i++) {
      cleanLater();
      List<String> left = valuesOf(key);
      assertTrue(left.isEmpty() || left.getLast().equals("null"), "cleaning " + i + ": " + left);
    }
    assertEquals(List.of(), valuesOf(key));
    assertFalse(fixture.clean(), "nothing is dirty");
  }
}
