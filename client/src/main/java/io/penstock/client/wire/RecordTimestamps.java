package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Optional;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds a record inside one stored batch by its timestamp, which is what ListOffsets by time needs:
 * an index leads to the batch, only the records lead to the offset. It is the only reader of
 * records in the broker, and it reads what producers wrote unchecked: keys and values are skipped
 * as they stream by, and a batch that unpacks to more than the caller grants is refused. Stateless.
 */
public final class RecordTimestamps {

  private RecordTimestamps() {}

  /** A record's place and time. */
  public record TimestampedRecord(long offset, long timestampMs) {}

  /** Decides which record of a batch, read in order, is the one looked for. */
  private interface Choice {
    /** Takes a record; true ends the search. */
    boolean accept(TimestampedRecord candidate);
  }

  /**
   * The first record in the batch whose timestamp is at least the given one.
   *
   * @param batch one whole v2 batch, from position to limit, which stay as they are
   * @param unpackedBytesMax how many bytes of records to read at most
   */
  public static Optional<TimestampedRecord> firstAtOrAfter(
      ByteBuffer batch, long timestampMs, long unpackedBytesMax) throws MalformedFrameException {
    TimestampedRecord[] found = new TimestampedRecord[1];
    scan(
        batch,
        unpackedBytesMax,
        candidate -> {
          if (candidate.timestampMs() < timestampMs) {
            return false;
          }
          found[0] = candidate;
          return true;
        });
    return Optional.ofNullable(found[0]);
  }

  /** The first of the records with the greatest timestamp; empty for a batch without records. */
  public static Optional<TimestampedRecord> latest(ByteBuffer batch, long unpackedBytesMax)
      throws MalformedFrameException {
    Latest latest = new Latest();
    scan(batch, unpackedBytesMax, latest);
    return Optional.ofNullable(latest.found);
  }

  private static final class Latest implements Choice {
    private @Nullable TimestampedRecord found;

    @Override
    public boolean accept(TimestampedRecord candidate) {
      if (found == null || candidate.timestampMs() > found.timestampMs()) {
        found = candidate;
      }
      return false;
    }
  }

  private static void scan(ByteBuffer bytes, long unpackedBytesMax, Choice choice)
      throws MalformedFrameException {
    try {
      DefaultRecordBatch batch = onlyBatch(bytes);
      if (batch.compressionType() == CompressionType.SNAPPY) {
        ByteBuffer packed = bytes.slice();
        packed.position(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        SnappyBlocks.check(packed.slice(), unpackedBytesMax);
      }
      try (BufferSupplier buffers = BufferSupplier.create();
          InputStream records = batch.recordInputStream(buffers)) {
        scan(batch, new RecordFields(records, unpackedBytesMax), choice);
      }
    } catch (DecodeFailure e) {
      throw new MalformedFrameException(e.reason(), String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      throw new MalformedFrameException(
          Reason.INVALID_VALUE, "the records of the batch cannot be read: " + e);
    }
  }

  private static void scan(DefaultRecordBatch batch, RecordFields fields, Choice choice)
      throws IOException {
    int count = batch.countOrNull();
    long lastDelta = batch.lastOffset() - batch.baseOffset();
    boolean appendTime = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
    for (int i = 0; i < count; i++) {
      fields.startRecord();
      long timestampDelta = fields.timestampDelta();
      int offsetDelta = fields.offsetDelta();
      if (offsetDelta < 0 || offsetDelta > lastDelta) {
        throw new DecodeFailure(Reason.INVALID_VALUE, "an offset delta of " + offsetDelta);
      }
      long timestampMs = appendTime ? batch.maxTimestamp() : batch.baseTimestamp() + timestampDelta;
      if (choice.accept(new TimestampedRecord(batch.baseOffset() + offsetDelta, timestampMs))) {
        return;
      }
      fields.skipRestOfRecord();
    }
  }

  private static DefaultRecordBatch onlyBatch(ByteBuffer bytes) {
    Iterator<MutableRecordBatch> batches =
        MemoryRecords.readableRecords(bytes.slice()).batches().iterator();
    if (!batches.hasNext()
        || !(batches.next() instanceof DefaultRecordBatch batch)
        || batch.sizeInBytes() != bytes.remaining()) {
      throw new DecodeFailure(Reason.INVALID_VALUE, "not exactly one batch of format v2");
    }
    return batch;
  }
}
