package io.penstock.storage.compact;

import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.batch.RecordCursor;
import java.nio.ByteBuffer;

/**
 * The records of one batch, unpacked where they are compressed: where they lie, and a cursor over
 * them. Reused, by one thread; valid until the next batch.
 */
public final class UnpackedRecords {
  private final BatchCodec codec;
  private final ScratchBuffer unpacked;
  private final int bytesMax;
  private final RecordCursor cursor = new RecordCursor();
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private int from;
  private int to;
  private int count;
  private int lastOffsetDelta;

  public UnpackedRecords(CleanerTools tools) {
    this.codec = tools.codec();
    this.unpacked = tools.unpacked();
    this.bytesMax = tools.unpackedBytesMax();
  }

  /** Looks at another batch. */
  public void of(ByteBuffer batches, int at) throws MalformedRecordsException {
    count = RecordBatch.recordCount(batches, at);
    lastOffsetDelta = RecordBatch.lastOffsetDelta(batches, at);
    int body = at + RecordBatch.HEADER_BYTES;
    int bodyBytes = RecordBatch.sizeInBytes(batches, at) - RecordBatch.HEADER_BYTES;
    int codecId = RecordBatch.codec(batches, at);
    if (codecId == 0 || count <= 0) {
      bytes = batches;
      from = body;
      to = body + bodyBytes;
      return;
    }
    unpacked.clear();
    codec.unpack(codecId, batches.slice(body, bodyBytes), unpacked, bytesMax);
    bytes = unpacked.content();
    from = 0;
    to = unpacked.size();
  }

  /**
   * Goes through all records once, for who must know before the first of them that the last can be
   * read, too.
   */
  public void check() throws MalformedRecordsException {
    RecordCursor all = records();
    while (all.next()) {
      // To the end, or the first that cannot be read.
    }
  }

  /** Gives back what a batch took, and the batch with it: there is no memory for it. */
  public void release() {
    bytes = ByteBuffer.allocate(0);
    unpacked.release();
  }

  /** A buffer in which {@link #records} says where keys lie. */
  public ByteBuffer buffer() {
    return bytes;
  }

  /** The one cursor, before the first record. */
  public RecordCursor records() {
    return cursor.over(bytes, from, to, count, lastOffsetDelta);
  }
}
