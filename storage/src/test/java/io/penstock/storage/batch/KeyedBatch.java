package io.penstock.storage.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds uncompressed batches of records with keys, and reads them again. */
public final class KeyedBatch {
  private final ByteBuffer body = ByteBuffer.allocate(1 << 20);
  private final long baseTimestampMs;
  private final long timestampMs;
  private long maxTimestampMs;
  private int count;
  private int attributes;
  private long producerId = RecordBatch.NO_PRODUCER_ID;
  private int producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
  private int sequence = RecordBatch.NO_SEQUENCE;

  /** A record as it was read: a null key or value is none. */
  public record Read(long offset, long timestampMs, @Nullable String key, @Nullable String value) {}

  private KeyedBatch(long baseTimestampMs, long timestampMs) {
    this.baseTimestampMs = baseTimestampMs;
    this.timestampMs = timestampMs;
    this.maxTimestampMs = timestampMs;
  }

  public static KeyedBatch at(long timestampMs) {
    return new KeyedBatch(timestampMs, timestampMs);
  }

  /** One whose tombstones have the time at which they may go, as a cleaning leaves it. */
  public static KeyedBatch dated(long timestampMs, long horizonMs) {
    KeyedBatch batch = new KeyedBatch(horizonMs, timestampMs);
    batch.attributes = RecordBatch.DELETE_HORIZON_FLAG;
    return batch;
  }

  public KeyedBatch record(@Nullable String key, @Nullable String value) {
    return record(key, value, timestampMs);
  }

  public KeyedBatch record(@Nullable String key, @Nullable String value, long timestampMs) {
    ByteBuffer record = ByteBuffer.allocate(1 << 16);
    record.put((byte) 0);
    putVarlong(record, timestampMs - baseTimestampMs);
    putVarlong(record, count);
    putBytes(record, key);
    putBytes(record, value);
    putVarlong(record, 0);
    record.flip();
    putVarlong(body, record.limit());
    body.put(record);
    maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
    count++;
    return this;
  }

  public KeyedBatch producer(long id, int epoch, int firstSequence) {
    producerId = id;
    producerEpoch = epoch;
    sequence = firstSequence;
    return this;
  }

  /** Says that the records are compressed, which they are not: for a codec that only copies. */
  public KeyedBatch codec(int id) {
    attributes |= id;
    return this;
  }

  public KeyedBatch transactional() {
    attributes |= RecordBatch.TRANSACTIONAL_FLAG;
    return this;
  }

  public ByteBuffer build() {
    byte[] bytes = new byte[body.position()];
    body.get(0, bytes);
    return TestBatch.ofRecords(count)
        .attributes(attributes)
        .timestamps(baseTimestampMs, maxTimestampMs)
        .producer(producerId, producerEpoch, sequence)
        .body(bytes)
        .build();
  }

  /** The records of all whole batches in a buffer. */
  public static List<Read> read(ByteBuffer batches) throws MalformedRecordsException {
    List<Read> all = new ArrayList<>();
    RecordCursor cursor = new RecordCursor();
    for (int at = 0;
        batches.limit() - at >= RecordBatch.HEADER_BYTES
            && RecordBatch.sizeInBytes(batches, at) <= batches.limit() - at;
        at += RecordBatch.sizeInBytes(batches, at)) {
      cursor.overBatch(batches, at);
      while (cursor.next()) {
        String key = cursor.hasKey() ? text(batches, cursor.keyAt(), cursor.keyBytes()) : null;
        // The value's length is one byte here: values are short.
        int valueAt = cursor.keyAt() + Math.max(0, cursor.keyBytes()) + 1;
        String value =
            cursor.hasValue() ? text(batches, valueAt, cursor.end() - 1 - valueAt) : null;
        all.add(
            new Read(
                RecordBatch.baseOffset(batches, at) + cursor.offsetDelta(),
                RecordBatch.baseTimestamp(batches, at) + cursor.timestampDelta(),
                key,
                value));
      }
    }
    return all;
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    byte[] text = new byte[length];
    bytes.get(at, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static void putBytes(ByteBuffer target, @Nullable String text) {
    if (text == null) {
      putVarlong(target, -1);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    putVarlong(target, bytes.length);
    target.put(bytes);
  }

  private static void putVarlong(ByteBuffer target, long value) {
    long left = (value << 1) ^ (value >> 63);
    while ((left & ~0x7fL) != 0) {
      target.put((byte) (left | 0x80));
      left >>>= 7;
    }
    target.put((byte) left);
  }
}
