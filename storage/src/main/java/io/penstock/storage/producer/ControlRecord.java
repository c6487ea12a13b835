package io.penstock.storage.producer;

import io.penstock.storage.batch.RecordBatch;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The marker in a control batch: the one record whose content storage has to know. {@code type} is
 * 0 for abort and 1 for commit; others (of Kafka's own metadata log) mean nothing here.
 */
public record ControlRecord(short type, int coordinatorEpoch, long timestampMs) {
  public static final short ABORT = 0;
  public static final short COMMIT = 1;

  boolean endsTransaction() {
    return type == ABORT || type == COMMIT;
  }

  /** Reads the first record, or returns null where it is missing (compacted) or malformed. */
  public static @Nullable ControlRecord read(ByteBuffer buffer, int position) {
    if (RecordBatch.recordCount(buffer, position) <= 0
        || RecordBatch.codec(buffer, position) != 0) {
      return null;
    }
    int body = position + RecordBatch.HEADER_BYTES;
    int bytes = RecordBatch.sizeInBytes(buffer, position) - RecordBatch.HEADER_BYTES;
    ByteBuffer record = buffer.slice(body, bytes);
    try {
      varlong(record); // length
      record.get(); // attributes
      long timestampDelta = varlong(record);
      varlong(record); // offset delta
      if (varlong(record) < 4) {
        return null;
      }
      record.getShort(); // key version
      short type = record.getShort();
      int valueBytes = (int) varlong(record);
      if (valueBytes < 6) {
        return new ControlRecord(type, -1, timestamp(buffer, position, timestampDelta));
      }
      record.getShort(); // value version
      int coordinatorEpoch = record.getInt();
      return new ControlRecord(type, coordinatorEpoch, timestamp(buffer, position, timestampDelta));
    } catch (BufferUnderflowException e) {
      return null;
    }
  }

  private static long timestamp(ByteBuffer buffer, int position, long delta) {
    return RecordBatch.isLogAppendTime(buffer, position)
        ? RecordBatch.maxTimestamp(buffer, position)
        : RecordBatch.baseTimestamp(buffer, position) + delta;
  }

  /** A zigzag varint of up to ten bytes. */
  private static long varlong(ByteBuffer bytes) {
    long raw = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = bytes.get();
      raw |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    return (raw >>> 1) ^ -(raw & 1);
  }
}
