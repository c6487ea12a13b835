package io.penstock.client.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.MalformedFrameException.Reason;
import io.penstock.client.wire.RecordTimestamps.TimestampedRecord;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches of every codec, and batches that lie about themselves. */
class RecordTimestampsTest {

  private static final long BASE_OFFSET = 1_000;
  private static final long NO_LIMIT = 1 << 30;
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void findsRecordsWhateverTheCodec(CompressionType codec) throws Exception {
    ByteBuffer batch = batch(codec, 30_000, 100, 300, 200, 300, 50);

    assertEquals(found(0, 100), RecordTimestamps.firstAtOrAfter(batch, 0, NO_LIMIT));
    assertEquals(found(1, 300), RecordTimestamps.firstAtOrAfter(batch, 101, NO_LIMIT));
    assertEquals(found(1, 300), RecordTimestamps.firstAtOrAfter(batch, 300, NO_LIMIT));
    assertEquals(Optional.empty(), RecordTimestamps.firstAtOrAfter(batch, 301, NO_LIMIT));
    assertEquals(found(1, 300), RecordTimestamps.latest(batch, NO_LIMIT));
    assertEquals(0, batch.position());
  }

  @Test
  void findsRecordsInABareSnappyBlock() throws Exception {
    ByteBuffer plain = batch(CompressionType.NONE, 100, 5, 7);
    byte[] records = new byte[plain.remaining() - DefaultRecordBatch.RECORD_BATCH_OVERHEAD];
    plain.get(DefaultRecordBatch.RECORD_BATCH_OVERHEAD, records);
    byte[] packed = literalSnappyBlock(records);
    ByteBuffer batch =
        ByteBuffer.allocateDirect(DefaultRecordBatch.RECORD_BATCH_OVERHEAD + packed.length);
    batch.put(plain.duplicate().limit(DefaultRecordBatch.RECORD_BATCH_OVERHEAD));
    batch.put(packed).flip();
    batch.putInt(8, batch.limit() - 12).putShort(21, (short) CompressionType.SNAPPY.id);

    assertEquals(found(1, 7), RecordTimestamps.firstAtOrAfter(batch, 6, NO_LIMIT));
  }

  @Test
  void logAppendTimeIsTheTimeOfEveryRecord() throws Exception {
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(1024),
            (byte) 2,
            Compression.NONE,
            TimestampType.LOG_APPEND_TIME,
            BASE_OFFSET,
            777);
    builder.append(5, new byte[1], new byte[1]);
    builder.append(9, new byte[1], new byte[1]);
    ByteBuffer batch = builder.build().buffer();

    assertEquals(found(0, 777), RecordTimestamps.firstAtOrAfter(batch, 777, NO_LIMIT));
    assertEquals(found(0, 777), RecordTimestamps.latest(batch, NO_LIMIT));
    assertEquals(Optional.empty(), RecordTimestamps.firstAtOrAfter(batch, 778, NO_LIMIT));
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionType.class,
      names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
  void batchThatUnpacksToTooMuchIsRefusedWithoutUnpackingIt(CompressionType codec) {
    ByteBuffer bomb = batch(codec, 50_000_000, 1, 2);
    long before = THREADS.getCurrentThreadAllocatedBytes();

    MalformedFrameException refusal =
        assertThrows(MalformedFrameException.class, () -> RecordTimestamps.latest(bomb, 1_000_000));

    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertEquals(Reason.LIMIT_EXCEEDED, refusal.reason());
    assertTrue(allocated < 8_000_000, () -> allocated + " bytes allocated");
  }

  @Test
  void snappyBlockThatClaimsHalfAGigabyteIsRefused() {
    ByteBuffer batch = batch(CompressionType.SNAPPY, 100, 1);
    // Behind the 16 bytes of the header and the block's length stands what it unpacks to.
    int claim = DefaultRecordBatch.RECORD_BATCH_OVERHEAD + 20;
    batch.put(claim, (byte) 0xff).put(claim + 1, (byte) 0xff).put(claim + 2, (byte) 0xff);
    batch.put(claim + 3, (byte) 0xff).put(claim + 4, (byte) 0x01);

    MalformedFrameException refusal =
        assertThrows(MalformedFrameException.class, () -> RecordTimestamps.latest(batch, NO_LIMIT));

    assertEquals(Reason.LIMIT_EXCEEDED, refusal.reason());
  }

  @Test
  void garbageIsRefusedAndNothingElse() {
    long seed = 4711;
    Random random = new Random(seed);
    for (CompressionType codec : CompressionType.values()) {
      ByteBuffer valid = batch(codec, 200, 1, 2, 3, 4, 5);
      for (int i = 0; i < 3_000; i++) {
        ByteBuffer mutant = ByteBuffer.allocate(valid.remaining()).put(valid.duplicate()).flip();
        for (int n = random.nextInt(4); n >= 0; n--) {
          mutant.put(12 + random.nextInt(mutant.limit() - 12), (byte) random.nextInt());
        }
        try {
          RecordTimestamps.latest(mutant, 1_000_000);
        } catch (MalformedFrameException e) {
          // Refused: that is an answer. Anything else fails the test.
        }
      }
    }
  }

  @Test
  void bytesThatAreNotExactlyOneBatchAreRefused() {
    ByteBuffer batch = batch(CompressionType.NONE, 10, 1);
    ByteBuffer cut = batch.duplicate().limit(batch.limit() - 1);
    ByteBuffer longer = ByteBuffer.allocate(batch.limit() + 1).put(batch.duplicate()).rewind();

    assertThrows(MalformedFrameException.class, () -> RecordTimestamps.latest(cut, NO_LIMIT));
    assertThrows(MalformedFrameException.class, () -> RecordTimestamps.latest(longer, NO_LIMIT));
    assertThrows(
        MalformedFrameException.class,
        () -> RecordTimestamps.latest(ByteBuffer.allocate(0), NO_LIMIT));
  }

  private static Optional<TimestampedRecord> found(long delta, long timestampMs) {
    return Optional.of(new TimestampedRecord(BASE_OFFSET + delta, timestampMs));
  }

  private static ByteBuffer batch(CompressionType codec, int valueBytes, long... timestampsMs) {
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(1024),
            Compression.of(codec).build(),
            TimestampType.CREATE_TIME,
            BASE_OFFSET);
    for (long timestampMs : timestampsMs) {
      builder.append(timestampMs, new byte[] {1}, new byte[valueBytes]);
    }
    ByteBuffer built = builder.build().buffer();
    return ByteBuffer.allocateDirect(built.remaining()).put(built).flip();
  }

  /** The simplest block that any snappy decoder takes: its length, then literals. */
  private static byte[] literalSnappyBlock(byte[] content) {
    ByteBuffer block = ByteBuffer.allocate(content.length * 2 + 16);
    int length = content.length;
    while (length > 0x7f) {
      block.put((byte) (length | 0x80));
      length >>>= 7;
    }
    block.put((byte) length);
    for (int at = 0; at < content.length; at += 60) {
      int size = Math.min(60, content.length - at);
      block.put((byte) ((size - 1) << 2)).put(content, at, size);
    }
    byte[] bytes = new byte[block.position()];
    block.get(0, bytes);
    return bytes;
  }
}
