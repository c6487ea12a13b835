package io.penstock.client.wire;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * Takes record bytes out of messages and puts bytes or file ranges into them, so that handlers need
 * not know Kafka's record classes. Nothing here copies or looks at a record. Stateless.
 */
public final class WireRecords {

  private WireRecords() {}

  /**
   * The record bytes of a received message, or null where it has none: a view on the frame, valid
   * while the frame is open, direct and writable where the frame is.
   */
  public static @Nullable ByteBuffer bytesOf(@Nullable BaseRecords records) {
    if (records == null) {
      return null;
    }
    if (records instanceof MemoryRecords memory) {
      return memory.buffer();
    }
    throw new IllegalArgumentException("not the records of a received message: " + records);
  }

  /** Records that stay in their file. The range belongs to the result, then to the frame. */
  public static BaseRecords ofRange(FileRange range) {
    return new RangeRecords(List.of(range));
  }

  /** Records that stay in one or more files, in this order; ownership as in {@link #ofRange}. */
  public static BaseRecords ofRanges(List<? extends FileRange> ranges) {
    return new RangeRecords(ranges);
  }

  /** Records in memory, from position to limit; they must not change until they have been sent. */
  public static BaseRecords ofBytes(ByteBuffer bytes) {
    return MemoryRecords.readableRecords(bytes.slice());
  }

  public static BaseRecords empty() {
    return MemoryRecords.EMPTY;
  }

  /**
   * Releases the file ranges of a response that no frame has taken over: one that was never
   * encoded, or whose encoding failed. Harmless for every other message.
   */
  public static void release(ApiMessage response) {
    if (response instanceof FetchResponseData fetch) {
      fetch.responses().forEach(t -> t.partitions().forEach(p -> release(p.records())));
    } else if (response instanceof ShareFetchResponseData fetch) {
      fetch.responses().forEach(t -> t.partitions().forEach(p -> release(p.records())));
    }
  }

  private static void release(@Nullable BaseRecords records) {
    if (records instanceof RangeRecords ranges) {
      ranges.release();
    }
  }
}
