package io.penstock.storage.batch;

import java.nio.ByteBuffer;

/**
 * Builds v2 batches for tests, well formed unless told otherwise: a direct buffer, from position 0
 * to its limit. Records are real enough for Kafka's tools: no key, a value of one byte.
 */
public final class TestBatch {
  private long baseOffset;
  private int leaderEpoch;
  private int attributes;
  private int count = 1;
  private int lastOffsetDelta = Integer.MIN_VALUE;
  private long baseTimestampMs = 1_000;
  private long maxTimestampMs = 1_000;
  private long producerId = RecordBatch.NO_PRODUCER_ID;
  private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
  private int baseSequence = RecordBatch.NO_SEQUENCE;
  private byte[] body = {};
  private boolean ownBody;

  private TestBatch() {}

  public static TestBatch ofRecords(int count) {
    TestBatch batch = new TestBatch();
    batch.count = count;
    return batch;
  }

  public TestBatch at(long offset, int epoch) {
    baseOffset = offset;
    leaderEpoch = epoch;
    return this;
  }

  public TestBatch producer(long id, int epoch, int sequence) {
    producerId = id;
    producerEpoch = (short) epoch;
    baseSequence = sequence;
    return this;
  }

  public TestBatch timestamps(long baseMs, long maxMs) {
    baseTimestampMs = baseMs;
    maxTimestampMs = maxMs;
    return this;
  }

  public TestBatch attributes(int bits) {
    attributes = bits;
    return this;
  }

  public TestBatch transactional() {
    attributes |= RecordBatch.TRANSACTIONAL_FLAG;
    return this;
  }

  public TestBatch lastOffsetDelta(int delta) {
    lastOffsetDelta = delta;
    return this;
  }

  /** Bytes behind the header in place of records. */
  public TestBatch body(byte... bytes) {
    body = bytes;
    ownBody = true;
    return this;
  }

  /** A batch with the marker that ends a transaction. */
  public static ByteBuffer marker(
      long offset, long producerId, int producerEpoch, boolean commit, int coordinatorEpoch) {
    ByteBuffer record = ByteBuffer.allocate(17);
    record.put((byte) (16 << 1)).put((byte) 0).put((byte) 0).put((byte) 0);
    record.put((byte) (4 << 1)).putShort((short) 0).putShort((short) (commit ? 1 : 0));
    record.put((byte) (6 << 1)).putShort((short) 0).putInt(coordinatorEpoch).put((byte) 0);
    return ofRecords(1)
        .at(offset, 0)
        .producer(producerId, producerEpoch, RecordBatch.NO_SEQUENCE)
        .attributes(RecordBatch.CONTROL_FLAG | RecordBatch.TRANSACTIONAL_FLAG)
        .body(record.array())
        .build();
  }

  public ByteBuffer build() {
    byte[] records = ownBody ? body : plainRecords();
    ByteBuffer out = ByteBuffer.allocateDirect(RecordBatch.HEADER_BYTES + records.length);
    out.putLong(baseOffset);
    out.putInt(out.capacity() - RecordBatch.LOG_OVERHEAD_BYTES);
    out.putInt(leaderEpoch).put(RecordBatch.MAGIC_V2).putInt(0).putShort((short) attributes);
    out.putInt(lastOffsetDelta == Integer.MIN_VALUE ? count - 1 : lastOffsetDelta);
    out.putLong(baseTimestampMs).putLong(maxTimestampMs);
    out.putLong(producerId).putShort(producerEpoch).putInt(baseSequence).putInt(count);
    out.put(records);
    return withCrc(out.flip());
  }

  /** Renews the checksum of the batch at the start of a buffer. */
  public static ByteBuffer withCrc(ByteBuffer batch) {
    return batch.putInt(17, (int) RecordBatch.computeCrc(batch, 0));
  }

  /** Several batches one after another. */
  public static ByteBuffer concat(ByteBuffer... batches) {
    int bytes = 0;
    for (ByteBuffer batch : batches) {
      bytes += batch.remaining();
    }
    ByteBuffer all = ByteBuffer.allocateDirect(bytes);
    for (ByteBuffer batch : batches) {
      all.put(batch.duplicate());
    }
    return all.flip();
  }

  private byte[] plainRecords() {
    ByteBuffer out = ByteBuffer.allocate(Math.max(0, count) * 12);
    for (int i = 0; i < count; i++) {
      byte[] delta = varint(i);
      out.put((byte) ((6 + delta.length) << 1)).put((byte) 0).put((byte) 0).put(delta);
      out.put((byte) 1).put((byte) (1 << 1)).put((byte) i).put((byte) 0);
    }
    byte[] records = new byte[out.position()];
    out.get(0, records);
    return records;
  }

  private static byte[] varint(int value) {
    int zigzag = value << 1;
    ByteBuffer out = ByteBuffer.allocate(5);
    while ((zigzag & ~0x7f) != 0) {
      out.put((byte) ((zigzag & 0x7f) | 0x80));
      zigzag >>>= 7;
    }
    out.put((byte) zigzag);
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }
}
