package io.penstock.storage.batch;

import static io.penstock.storage.batch.BatchError.CORRUPT;
import static io.penstock.storage.batch.BatchError.INVALID_RECORD;
import static io.penstock.storage.batch.BatchError.INVALID_TIMESTAMP;
import static io.penstock.storage.batch.BatchError.TOO_LARGE;
import static io.penstock.storage.batch.BatchError.UNSUPPORTED_CODEC;
import static io.penstock.storage.batch.BatchError.UNSUPPORTED_MAGIC;
import static io.penstock.storage.batch.RecordBatch.HEADER_BYTES;
import static io.penstock.storage.batch.RecordBatch.NO_TIMESTAMP;

import io.penstock.storage.batch.BatchCheck.Invalid;
import io.penstock.storage.batch.BatchCheck.Valid;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks the header of a batch before it is stored: the border behind which nobody checks again.
 * Pure functions. The cheap checks come first and the checksum last but before anything in the
 * header is taken as the producer's word, so that damage is reported as damage.
 *
 * <p>Two things are let pass on purpose, since clients in wide use do them: a maximum timestamp of
 * -1 beside a real base timestamp (Sarama), and epoch and sequence 0 without a producer id
 * (kafkajs).
 */
public final class BatchValidator {
  /** The highest defined codec: zstd. */
  private static final int CODEC_MAX = 4;

  /** Length, attributes, time delta, offset delta, key length, value length, header count. */
  private static final int RECORD_BYTES_MIN = 7;

  private BatchValidator() {}

  /**
   * Checks a batch that a client produces. {@code records} holds bytes up to its limit; {@code
   * nowMs} is the broker's clock.
   */
  public static BatchCheck check(ByteBuffer records, int position, BatchLimits limits, long nowMs) {
    Invalid damage = damage(records, position, limits.batchBytesMax());
    if (damage == null) {
      damage = contradiction(records, position);
    }
    if (damage == null) {
      damage = badTime(records, position, limits, nowMs);
    }
    return damage == null ? new Valid(RecordBatch.sizeInBytes(records, position)) : damage;
  }

  /**
   * Checks a batch that comes from a leader or from this broker's own log: that it is whole and is
   * what its checksum says. What a leader accepted once is not judged again, and compaction may
   * have left fewer records than the offsets cover.
   */
  public static BatchCheck checkStored(ByteBuffer records, int position) {
    Invalid damage = damage(records, position, Integer.MAX_VALUE);
    if (damage == null && RecordBatch.lastOffsetDelta(records, position) < 0) {
      damage = new Invalid(CORRUPT, "negative last offset delta");
    }
    return damage == null ? new Valid(RecordBatch.sizeInBytes(records, position)) : damage;
  }

  private static @Nullable Invalid damage(ByteBuffer records, int position, int batchBytesMax) {
    int bytesLeft = records.limit() - position;
    if (bytesLeft <= 16) {
      return new Invalid(CORRUPT, "batch header cut off after " + bytesLeft + " bytes");
    }
    byte magic = RecordBatch.magic(records, position);
    if (magic != RecordBatch.MAGIC_V2) {
      return new Invalid(UNSUPPORTED_MAGIC, "batch of magic " + magic + ", only 2 is taken");
    }
    long size = (long) RecordBatch.batchLength(records, position) + RecordBatch.LOG_OVERHEAD_BYTES;
    if (size < HEADER_BYTES || size > bytesLeft) {
      return new Invalid(CORRUPT, "batch of " + size + " bytes where " + bytesLeft + " are left");
    }
    if (size > batchBytesMax) {
      return new Invalid(
          TOO_LARGE, "batch of " + size + " bytes, the topic takes " + batchBytesMax);
    }
    if (!RecordBatch.hasValidCrc(records, position)) {
      return new Invalid(CORRUPT, "batch does not match its CRC");
    }
    return null;
  }

  private static @Nullable Invalid contradiction(ByteBuffer records, int position) {
    int attributes = RecordBatch.attributes(records, position);
    if ((attributes & ~RecordBatch.DEFINED_ATTRIBUTES) != 0) {
      return new Invalid(
          INVALID_RECORD, "undefined attribute bits 0x" + Integer.toHexString(attributes));
    }
    if ((attributes & RecordBatch.DELETE_HORIZON_FLAG) != 0) {
      return new Invalid(INVALID_RECORD, "clients may not set a delete horizon");
    }
    if ((attributes & RecordBatch.CONTROL_FLAG) != 0) {
      return new Invalid(INVALID_RECORD, "clients may not write control batches");
    }
    int codec = attributes & RecordBatch.CODEC_MASK;
    if (codec > CODEC_MAX) {
      return new Invalid(UNSUPPORTED_CODEC, "undefined compression codec " + codec);
    }
    Invalid badCount = badCount(records, position, codec);
    return badCount == null ? badProducer(records, position) : badCount;
  }

  private static @Nullable Invalid badCount(ByteBuffer records, int position, int codec) {
    int count = RecordBatch.recordCount(records, position);
    int lastOffsetDelta = RecordBatch.lastOffsetDelta(records, position);
    if (count <= 0 || lastOffsetDelta != count - 1) {
      return new Invalid(
          INVALID_RECORD, count + " records contradict last offset delta " + lastOffsetDelta);
    }
    int bodyBytes = RecordBatch.sizeInBytes(records, position) - HEADER_BYTES;
    boolean impossible = codec == 0 ? count > bodyBytes / RECORD_BYTES_MIN : bodyBytes == 0;
    return impossible
        ? new Invalid(INVALID_RECORD, count + " records do not fit into " + bodyBytes + " bytes")
        : null;
  }

  private static @Nullable Invalid badProducer(ByteBuffer records, int position) {
    long producerId = RecordBatch.producerId(records, position);
    if (producerId < RecordBatch.NO_PRODUCER_ID) {
      return new Invalid(INVALID_RECORD, "undefined producer id " + producerId);
    }
    if (producerId == RecordBatch.NO_PRODUCER_ID) {
      return RecordBatch.isTransactional(records, position)
          ? new Invalid(INVALID_RECORD, "transactional batch without a producer id")
          : null;
    }
    short epoch = RecordBatch.producerEpoch(records, position);
    int sequence = RecordBatch.baseSequence(records, position);
    return epoch < 0 || sequence < 0
        ? new Invalid(
            INVALID_RECORD,
            "producer " + producerId + " with epoch " + epoch + " and sequence " + sequence)
        : null;
  }

  private static @Nullable Invalid badTime(
      ByteBuffer records, int position, BatchLimits limits, long nowMs) {
    if (RecordBatch.isLogAppendTime(records, position)) {
      return new Invalid(INVALID_TIMESTAMP, "clients may not set the timestamp type LogAppendTime");
    }
    if (limits.logAppendTime()) {
      return null;
    }
    long base = RecordBatch.baseTimestamp(records, position);
    long max = RecordBatch.maxTimestamp(records, position);
    if (base < NO_TIMESTAMP || max < NO_TIMESTAMP || (max != NO_TIMESTAMP && max < base)) {
      return new Invalid(INVALID_TIMESTAMP, "base timestamp " + base + ", maximum " + max);
    }
    long largest = Math.max(base, max);
    boolean tooOld = base != NO_TIMESTAMP && nowMs - base > limits.timestampBeforeMaxMs();
    boolean tooNew = largest != NO_TIMESTAMP && largest - nowMs > limits.timestampAfterMaxMs();
    return tooOld || tooNew
        ? new Invalid(
            INVALID_TIMESTAMP,
            "timestamps " + base + " to " + largest + " are out of the allowed range at " + nowMs)
        : null;
  }
}
