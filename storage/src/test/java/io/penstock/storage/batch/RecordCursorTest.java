package io.penstock.storage.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Records inside of batches, good ones and others. */
class RecordCursorTest {
  private final RecordCursor cursor = new RecordCursor();

  @Test
  void tellsKeysValuesAndDeltas() throws MalformedRecordsException {
    ByteBuffer batch = KeyedBatch.at(100).record("key", null).record(null, "value", 70_000).build();

    cursor.overBatch(batch, 0);
    assertTrue(cursor.next());
    assertTrue(cursor.hasKey());
    assertEquals(3, cursor.keyBytes());
    assertEquals('k', batch.get(cursor.keyAt()));
    assertFalse(cursor.hasValue());
    assertEquals(0, cursor.offsetDelta());
    assertTrue(cursor.next());
    assertFalse(cursor.hasKey());
    assertTrue(cursor.hasValue());
    assertEquals(1, cursor.offsetDelta());
    assertEquals(69_900, cursor.timestampDelta());
    assertFalse(cursor.next());
  }

  @Test
  void refusesBytesBehindTheLastRecord() {
    ByteBuffer batch = TestBatch.ofRecords(0).body((byte) 1).build();

    assertThrows(MalformedRecordsException.class, () -> cursor.overBatch(batch, 0).next());
  }

  @Test
  void neverLeavesTheBodyWhateverIsInIt() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      ByteBuffer batch =
          KeyedBatch.at(5).record("key", "value").record("k", "v").record("other", null).build();
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        int at =
            RecordBatch.HEADER_BYTES + random.nextInt(batch.limit() - RecordBatch.HEADER_BYTES);
        batch.put(at, (byte) random.nextInt(256));
      }
      try {
        cursor.overBatch(batch, 0);
        while (cursor.next()) {
          assertTrue(cursor.keyAt() + Math.max(0, cursor.keyBytes()) <= batch.limit(), "" + seed);
          assertTrue(cursor.end() <= batch.limit(), "seed " + seed);
        }
      } catch (MalformedRecordsException expected) {
        // That is an answer, too.
      }
    }
  }
}
