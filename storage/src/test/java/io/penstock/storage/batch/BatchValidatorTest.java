package io.penstock.storage.batch;

import static io.penstock.storage.batch.BatchError.CORRUPT;
import static io.penstock.storage.batch.BatchError.INVALID_RECORD;
import static io.penstock.storage.batch.BatchError.INVALID_TIMESTAMP;
import static io.penstock.storage.batch.BatchError.TOO_LARGE;
import static io.penstock.storage.batch.BatchError.UNSUPPORTED_CODEC;
import static io.penstock.storage.batch.BatchError.UNSUPPORTED_MAGIC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.batch.BatchCheck.Invalid;
import io.penstock.storage.batch.BatchCheck.Valid;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is taken from producers and what is refused, and as what. */
class BatchValidatorTest {
  private static final long NOW_MS = 2_000_000_000_000L;

  private static BatchCheck check(ByteBuffer batch) {
    return BatchValidator.check(batch, 0, BatchLimits.NONE, NOW_MS);
  }

  private static void assertRefused(BatchError error, ByteBuffer batch) {
    assertEquals(error, assertInstanceOf(Invalid.class, check(batch)).error());
  }

  private static void assertTaken(ByteBuffer batch) {
    assertEquals(new Valid(batch.remaining()), check(batch));
  }

  @Test
  void takesWhatKafkaProducersSend() {
    assertTaken(GoldenBatches.buffer(GoldenBatches.PLAIN));
    assertTaken(GoldenBatches.buffer(GoldenBatches.GZIP));
    assertTaken(TestBatch.ofRecords(1).build());
    assertTaken(TestBatch.ofRecords(1000).build());
    assertTaken(TestBatch.ofRecords(2).timestamps(-1, -1).build());
    for (int codec = 1; codec <= 4; codec++) {
      assertTaken(TestBatch.ofRecords(9).attributes(codec).body((byte) 1).build());
    }
  }

  @Test
  void takesHeadersThatClientsInUseWriteCarelessly() {
    assertTaken(TestBatch.ofRecords(1).producer(-1, 0, 0).build());
    assertTaken(TestBatch.ofRecords(1).timestamps(1_000, -1).build());
  }

  @Test
  void refusesDamage() {
    ByteBuffer whole = TestBatch.ofRecords(3).build();
    for (int cut = 0; cut < whole.limit(); cut++) {
      ByteBuffer part = TestBatch.concat(whole.slice(0, cut));
      assertRefused(CORRUPT, part);
    }
    assertRefused(CORRUPT, TestBatch.ofRecords(3).build().putInt(8, Integer.MAX_VALUE));
    assertRefused(CORRUPT, TestBatch.ofRecords(3).build().putInt(8, Integer.MIN_VALUE));
    assertRefused(CORRUPT, TestBatch.ofRecords(3).build().putInt(8, 48));
    assertRefused(CORRUPT, TestBatch.ofRecords(3).build().putInt(8, 0));
  }

  @Test
  void refusesEveryFlippedBitBehindTheChecksum() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      ByteBuffer batch = TestBatch.ofRecords(1 + random.nextInt(20)).producer(5, 0, 0).build();
      int at = 17 + random.nextInt(batch.limit() - 17);
      batch.put(at, (byte) (batch.get(at) ^ (1 << random.nextInt(8))));

      BatchCheck check = check(batch);

      assertEquals(CORRUPT, assertInstanceOf(Invalid.class, check, "seed " + seed).error());
    }
  }

  @Test
  void neverThrowsAndNeverTakesRandomBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
      if (bytes.length > 16 && random.nextBoolean()) {
        buffer.put(16, (byte) 2).putInt(8, random.nextInt(bytes.length));
      }
      assertInstanceOf(Invalid.class, check(buffer), "seed " + seed);
      assertInstanceOf(Invalid.class, BatchValidator.checkStored(buffer, 0), "seed " + seed);
    }
  }

  @Test
  void refusesOtherMagicAndLargeBatches() {
    assertRefused(UNSUPPORTED_MAGIC, TestBatch.ofRecords(1).build().put(16, (byte) 1));
    assertRefused(UNSUPPORTED_MAGIC, TestBatch.ofRecords(1).build().put(16, (byte) 3));
    ByteBuffer batch = TestBatch.ofRecords(1).build();
    BatchLimits tight = new BatchLimits(batch.limit() - 1, false, Long.MAX_VALUE, Long.MAX_VALUE);
    BatchLimits exact = new BatchLimits(batch.limit(), false, Long.MAX_VALUE, Long.MAX_VALUE);

    assertEquals(
        TOO_LARGE,
        assertInstanceOf(Invalid.class, BatchValidator.check(batch, 0, tight, 0)).error());
    assertInstanceOf(Valid.class, BatchValidator.check(batch, 0, exact, 0));
  }

  @Test
  void refusesAttributesThatAreUndefinedOrNotAClientsBusiness() {
    for (int bit = 7; bit < 16; bit++) {
      assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).attributes(1 << bit).build());
    }
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).attributes(0x40).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).attributes(0x20).build());
    assertRefused(INVALID_RECORD, GoldenBatches.buffer(GoldenBatches.ABORT_MARKER));
    assertRefused(INVALID_TIMESTAMP, TestBatch.ofRecords(1).attributes(0x08).build());
    for (int codec = 5; codec < 8; codec++) {
      assertRefused(UNSUPPORTED_CODEC, TestBatch.ofRecords(1).attributes(codec).build());
    }
  }

  @Test
  void refusesCountsThatContradictOffsetsOrBytes() {
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(3).lastOffsetDelta(1).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(3).lastOffsetDelta(3).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(3).lastOffsetDelta(-1).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(0).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(-1).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).body().build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(3).body(new byte[20]).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).attributes(1).body().build());
    assertRefused(
        INVALID_RECORD, TestBatch.ofRecords(Integer.MAX_VALUE).body(new byte[100]).build());
  }

  @Test
  void refusesProducerFieldsThatContradictEachOther() {
    assertTaken(TestBatch.ofRecords(1).producer(0, 0, 0).transactional().build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).producer(-2, 0, 0).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).producer(7, -1, 0).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).producer(7, 0, -1).build());
    assertRefused(INVALID_RECORD, TestBatch.ofRecords(1).transactional().build());
  }

  @Test
  void refusesTimestampsThatAreImpossibleOrTooFarAway() {
    assertRefused(INVALID_TIMESTAMP, TestBatch.ofRecords(1).timestamps(-2, 5).build());
    assertRefused(INVALID_TIMESTAMP, TestBatch.ofRecords(1).timestamps(5, -2).build());
    assertRefused(INVALID_TIMESTAMP, TestBatch.ofRecords(1).timestamps(5, 4).build());
    BatchLimits limits = new BatchLimits(1 << 20, false, 100, 50);

    assertEquals(0, errorAt(limits, NOW_MS - 100, NOW_MS + 50));
    assertEquals(1, errorAt(limits, NOW_MS - 101, NOW_MS));
    assertEquals(1, errorAt(limits, NOW_MS, NOW_MS + 51));
    assertEquals(1, errorAt(limits, NOW_MS + 51, -1));
    assertEquals(1, errorAt(limits, NOW_MS, Long.MAX_VALUE));
    assertEquals(0, errorAt(limits, -1, -1));
    assertEquals(0, errorAt(new BatchLimits(1 << 20, true, 100, 50), 1, 2));
  }

  private static int errorAt(BatchLimits limits, long baseMs, long maxMs) {
    ByteBuffer batch = TestBatch.ofRecords(1).timestamps(baseMs, maxMs).build();
    return switch (BatchValidator.check(batch, 0, limits, NOW_MS)) {
      case Valid _ -> 0;
      case Invalid(BatchError error, _) -> error == INVALID_TIMESTAMP ? 1 : 2;
    };
  }

  @Test
  void findsTheSecondBatchWhereTheFirstEnds() {
    ByteBuffer two =
        TestBatch.concat(TestBatch.ofRecords(3).build(), TestBatch.ofRecords(0).build());

    Valid first = assertInstanceOf(Valid.class, check(two));

    BatchCheck second = BatchValidator.check(two, first.sizeInBytes(), BatchLimits.NONE, NOW_MS);
    assertEquals(INVALID_RECORD, assertInstanceOf(Invalid.class, second).error());
  }

  @Test
  void storedBatchesNeedOnlyBeWhole() {
    ByteBuffer compacted = TestBatch.ofRecords(2).lastOffsetDelta(9).attributes(0x60).build();
    ByteBuffer marker = GoldenBatches.buffer(GoldenBatches.ABORT_MARKER);

    assertEquals(new Valid(compacted.limit()), BatchValidator.checkStored(compacted, 0));
    assertEquals(new Valid(marker.limit()), BatchValidator.checkStored(marker, 0));
    marker.put(70, (byte) ~marker.get(70));
    assertInstanceOf(Invalid.class, BatchValidator.checkStored(marker, 0));
  }
}
