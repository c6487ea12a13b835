package io.penstock.storage.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The header view, against batches of Kafka's own. */
class RecordBatchTest {

  @Test
  void readsEveryHeaderFieldOfABatchThatKafkaWrote() {
    ByteBuffer batch = GoldenBatches.buffer(GoldenBatches.PLAIN);

    assertEquals(0, RecordBatch.baseOffset(batch, 0));
    assertEquals(78, RecordBatch.batchLength(batch, 0));
    assertEquals(batch.remaining(), RecordBatch.sizeInBytes(batch, 0));
    assertEquals(9, RecordBatch.partitionLeaderEpoch(batch, 0));
    assertEquals(2, RecordBatch.magic(batch, 0));
    assertEquals(0x5f5d0088L, RecordBatch.crc(batch, 0));
    assertEquals(0x10, RecordBatch.attributes(batch, 0));
    assertEquals(0, RecordBatch.codec(batch, 0));
    assertTrue(RecordBatch.isTransactional(batch, 0));
    assertFalse(RecordBatch.isControl(batch, 0));
    assertFalse(RecordBatch.isLogAppendTime(batch, 0));
    assertEquals(2, RecordBatch.lastOffsetDelta(batch, 0));
    assertEquals(1_700_000_000_001L, RecordBatch.baseTimestamp(batch, 0));
    assertEquals(1_700_000_000_005L, RecordBatch.maxTimestamp(batch, 0));
    assertEquals(77, RecordBatch.producerId(batch, 0));
    assertEquals(2, RecordBatch.producerEpoch(batch, 0));
    assertEquals(5, RecordBatch.baseSequence(batch, 0));
    assertEquals(7, RecordBatch.lastSequence(batch, 0));
    assertEquals(3, RecordBatch.recordCount(batch, 0));
    assertTrue(RecordBatch.hasValidCrc(batch, 0));
    assertEquals(1, RecordBatch.codec(GoldenBatches.buffer(GoldenBatches.GZIP), 0));
    assertTrue(RecordBatch.isControl(GoldenBatches.buffer(GoldenBatches.ABORT_MARKER), 0));
  }

  @Test
  void patchingWhatTheLeaderOwnsLeavesTheChecksumValid() {
    ByteBuffer two =
        TestBatch.concat(TestBatch.ofRecords(3).build(), TestBatch.ofRecords(2).build());
    int second = RecordBatch.sizeInBytes(two, 0);

    RecordBatch.patch(two, second, 4_000_000_000L, 12);

    assertEquals(4_000_000_000L, RecordBatch.baseOffset(two, second));
    assertEquals(4_000_000_001L, RecordBatch.lastOffset(two, second));
    assertEquals(12, RecordBatch.partitionLeaderEpoch(two, second));
    assertTrue(RecordBatch.hasValidCrc(two, second));
    assertEquals(0, RecordBatch.baseOffset(two, 0));
    assertEquals(0, two.position());
  }

  @Test
  void logAppendTimeSetsTypeAndMaximumAndRenewsTheChecksum() {
    ByteBuffer batch = GoldenBatches.buffer(GoldenBatches.GZIP);
    long before = RecordBatch.crc(batch, 0);

    RecordBatch.patchLogAppendTime(batch, 0, 1_800_000_000_000L);

    assertTrue(RecordBatch.isLogAppendTime(batch, 0));
    assertEquals(1, RecordBatch.codec(batch, 0));
    assertEquals(1_800_000_000_000L, RecordBatch.maxTimestamp(batch, 0));
    assertEquals(1_700_000_000_001L, RecordBatch.baseTimestamp(batch, 0));
    assertEquals(1_800_000_000_000L, RecordBatch.largestTimestamp(batch, 0));
    assertTrue(RecordBatch.hasValidCrc(batch, 0));
    assertFalse(before == RecordBatch.crc(batch, 0));
  }

  @Test
  void aMissingMaximumTimestampIsReplacedByTheBase() {
    ByteBuffer batch = TestBatch.ofRecords(1).timestamps(500, -1).build();

    assertEquals(500, RecordBatch.largestTimestamp(batch, 0));
  }

  @Test
  void sequencesGoFromTheLargestIntBackToZero() {
    assertEquals(Integer.MAX_VALUE, RecordBatch.sequencePlus(Integer.MAX_VALUE, 0));
    assertEquals(0, RecordBatch.sequencePlus(Integer.MAX_VALUE, 1));
    assertEquals(9, RecordBatch.sequencePlus(Integer.MAX_VALUE - 5, 15));
    ByteBuffer batch = TestBatch.ofRecords(4).producer(1, 0, Integer.MAX_VALUE - 1).build();
    assertEquals(1, RecordBatch.lastSequence(batch, 0));
    assertEquals(-1, RecordBatch.lastSequence(TestBatch.ofRecords(4).build(), 0));
  }
}
