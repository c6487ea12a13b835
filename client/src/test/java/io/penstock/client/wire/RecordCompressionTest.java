package io.penstock.client.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.kafka.common.record.internal.CompressionType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records packed and unpacked as bytes, and how much of the heap that takes. */
class RecordCompressionTest {

  private static final int HEAP_BYTES_MAX = 8_000_000;
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void whatWasPackedUnpacksToTheSame(CompressionType codec) throws Exception {
    byte[] records = new byte[1_000_000];
    Random random = new Random(4711);
    for (int i = 0; i < records.length; i++) {
      records[i] = (byte) (i % 100 < 50 ? i : random.nextInt());
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    ByteArrayOutputStream unpacked = new ByteArrayOutputStream();

    RecordCompression.pack(codec.id, ByteBuffer.wrap(records), piece -> copy(piece, packed));
    RecordCompression.unpack(
        codec.id,
        ByteBuffer.wrap(packed.toByteArray()),
        records.length,
        piece -> copy(piece, unpacked));

    assertArrayEquals(records, unpacked.toByteArray());
  }

  private static void copy(ByteBuffer piece, ByteArrayOutputStream into) {
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    into.write(bytes, 0, bytes.length);
  }

  @Test
  void snappyBlockIsNotBelievedHoweverMuchTheBatchMayUnpackTo() {
    ByteBuffer packed = ByteBuffer.allocate(100);
    int claim = 200 << 20;
    for (int left = claim; left > 0; left >>>= 7) {
      packed.put((byte) (left > 0x7f ? left | 0x80 : left));
    }
    packed.rewind();
    long before = THREADS.getCurrentThreadAllocatedBytes();

    MalformedFrameException refusal =
        assertThrows(
            MalformedFrameException.class,
            () ->
                RecordCompression.unpack(
                    CompressionType.SNAPPY.id, packed, 256 << 20, ByteBuffer::clear));

    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertEquals(Reason.LIMIT_EXCEEDED, refusal.reason());
    assertTrue(allocated < HEAP_BYTES_MAX, () -> allocated + " bytes allocated");
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionType.class,
      names = {"SNAPPY", "LZ4", "ZSTD"})
  void recordsThatPackBadlyAreNotHeldOnTheHeap(CompressionType codec) throws Exception {
    byte[] noise = new byte[1 << 20];
    new Random(4711).nextBytes(noise);
    ByteBuffer records = ByteBuffer.allocateDirect(32 << 20);
    while (records.hasRemaining()) {
      records.put(noise);
    }
    records.flip();
    long[] packedBytes = new long[1];
    long before = THREADS.getCurrentThreadAllocatedBytes();

    RecordCompression.pack(codec.id, records, piece -> packedBytes[0] += piece.remaining());

    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(packedBytes[0] > 0);
    assertTrue(allocated < HEAP_BYTES_MAX, () -> allocated + " bytes allocated");
    assertEquals(0, records.position());
  }
}
