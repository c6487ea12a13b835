package io.penstock.storage.batch;

import java.nio.ByteBuffer;

/**
 * Goes from record to record in the uncompressed body of a batch, and says where the fields of each
 * one lie. Believes nothing: a length that leads out of the body is an exception. Reused, by one
 * thread at a time; moves nothing in the buffer.
 *
 * <pre>
 *  length varint, attributes int8, timestampDelta varlong, offsetDelta varint,
 *  keyLength varint, key, valueLength varint, value, headerCount varint, headers
 * </pre>
 */
public final class RecordCursor {
  private static final int VARLONG_BITS = 64;

  private ByteBuffer records = ByteBuffer.allocate(0);
  private int limit;
  private int left;
  private int lastOffsetDelta;
  private int at;

  private int start;
  private int end;
  private long timestampDelta;
  private int offsetDelta;
  private int behindTimestampAt;
  private int keyAt;
  private int keyBytes;
  private int valueBytes;

  /**
   * Begins before the first record.
   *
   * @param lastOffsetDelta of the batch; no record's delta may be above it, nor below an earlier
   *     one's
   */
  public RecordCursor over(ByteBuffer body, int from, int to, int count, int lastOffsetDelta) {
    this.records = body;
    this.at = from;
    this.limit = to;
    this.left = count;
    this.lastOffsetDelta = lastOffsetDelta;
    this.offsetDelta = -1;
    return this;
  }

  /** As {@link #over(ByteBuffer, int, int, int, int)} for a batch that is not compressed. */
  public RecordCursor overBatch(ByteBuffer batch, int position) {
    return over(
        batch,
        position + RecordBatch.HEADER_BYTES,
        position + RecordBatch.sizeInBytes(batch, position),
        RecordBatch.recordCount(batch, position),
        RecordBatch.lastOffsetDelta(batch, position));
  }

  /** Moves to the next record; false behind the last one. */
  public boolean next() throws MalformedRecordsException {
    if (left <= 0) {
      if (at != limit) {
        throw new MalformedRecordsException((limit - at) + " bytes behind the last record");
      }
      return false;
    }
    left--;
    start = at;
    int length = varint();
    if (length < 0 || length > limit - at) {
      throw new MalformedRecordsException("a record of " + length + " bytes");
    }
    end = at + length;
    step(1); // attributes
    timestampDelta = varlong();
    behindTimestampAt = at;
    int before = offsetDelta;
    offsetDelta = varint();
    if (offsetDelta <= before || offsetDelta > lastOffsetDelta) {
      throw new MalformedRecordsException("offset delta " + offsetDelta + " after " + before);
    }
    keyBytes = varint();
    keyAt = at;
    step(Math.max(0, keyBytes));
    valueBytes = varint();
    step(Math.max(0, valueBytes));
    if (at >= end) {
      throw new MalformedRecordsException("a record ends within its fields");
    }
    at = end;
    return true;
  }

  /** Where the record begins, with its length. */
  public int start() {
    return start;
  }

  /** Where the next one begins. */
  public int end() {
    return end;
  }

  public long timestampDelta() {
    return timestampDelta;
  }

  /** Where the bytes behind the timestamp delta begin, which are the same at any time. */
  public int behindTimestampAt() {
    return behindTimestampAt;
  }

  public int offsetDelta() {
    return offsetDelta;
  }

  public boolean hasKey() {
    return keyBytes >= 0;
  }

  public int keyAt() {
    return keyAt;
  }

  public int keyBytes() {
    return keyBytes;
  }

  /** A record without a value is a tombstone: it deletes its key. */
  public boolean hasValue() {
    return valueBytes >= 0;
  }

  private void step(int bytes) throws MalformedRecordsException {
    if (bytes > end - at) {
      throw new MalformedRecordsException("a field of " + bytes + " bytes leaves its record");
    }
    at += bytes;
  }

  private int varint() throws MalformedRecordsException {
    long value = varlong();
    if (value != (int) value) {
      throw new MalformedRecordsException("a number out of range: " + value);
    }
    return (int) value;
  }

  /** A zigzag number of up to ten bytes. */
  private long varlong() throws MalformedRecordsException {
    long raw = 0;
    for (int shift = 0; shift < VARLONG_BITS; shift += 7) {
      if (at >= limit) {
        throw new MalformedRecordsException("a number is cut off");
      }
      byte next = records.get(at++);
      raw |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new MalformedRecordsException("a number of more than ten bytes");
  }
}
