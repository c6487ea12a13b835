package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the batches of topics in which the broker keeps its own state. What clients send
 * is never read here. Stateless.
 */
public final class KeyedBatches {

  /** What a batch takes before its first record. */
  private static final int BATCH_OVERHEAD_BYTES = 61;

  private KeyedBatches() {}

  /** Takes the records of a log in their order. */
  @FunctionalInterface
  public interface Visitor {

    /** A record; a tombstone has no value. The buffers are valid during the call. */
    void visit(long offset, ByteBuffer key, @Nullable ByteBuffer value)
        throws MalformedFrameException;
  }

  /** How many bytes {@link #write} may need. */
  public static int sizeBytesMax(List<KeyedRecord> records) {
    long bytes = BATCH_OVERHEAD_BYTES;
    for (KeyedRecord each : records) {
      bytes += each.sizeBytes();
    }
    return Math.toIntExact(bytes);
  }

  /**
   * Writes one batch without compression.
   *
   * @param into has to have room for {@link #sizeBytesMax} from its position on
   * @return the batch, a part of that buffer
   */
  public static ByteBuffer write(ByteBuffer into, List<KeyedRecord> records, long timestampMs) {
    try (MemoryRecordsBuilder builder =
        MemoryRecords.builder(into, Compression.NONE, TimestampType.CREATE_TIME, 0L)) {
      for (KeyedRecord each : records) {
        builder.append(timestampMs, each.key(), each.value());
      }
      return builder.build().buffer();
    }
  }

  /**
   * Visits the records of all batches that are whole; the last one may be cut.
   *
   * @return the offset behind the last whole batch, or -1 where there is none
   */
  public static long forEach(ByteBuffer batches, Visitor visitor) throws MalformedFrameException {
    long next = -1;
    try {
      for (MutableRecordBatch batch : MemoryRecords.readableRecords(batches).batches()) {
        batch.ensureValid();
        if (!batch.isControlBatch()) {
          visit(batch, visitor);
        }
        next = batch.nextOffset();
      }
    } catch (RuntimeException e) {
      throw new MalformedFrameException(
          Reason.INVALID_VALUE, "batches of the broker's own cannot be read: " + e);
    }
    return next;
  }

  private static void visit(RecordBatch batch, Visitor visitor) throws MalformedFrameException {
    for (Record each : batch) {
      ByteBuffer key = each.key();
      if (key != null) {
        visitor.visit(each.offset(), key, each.value());
      }
    }
  }
}
