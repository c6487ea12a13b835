package io.penstock.storage.batch;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The header of a v2 record batch, read and patched in a big-endian buffer at an absolute position.
 * No state and no copy; the buffer's own position and limit are neither used nor moved. Callers
 * have checked, by {@link BatchValidator} or {@link #HEADER_BYTES}, that the header is there.
 *
 * <pre>
 *  0 baseOffset int64          21 attributes int16        43 producerId int64
 *  8 batchLength int32         23 lastOffsetDelta int32   51 producerEpoch int16
 * 12 leaderEpoch int32         27 baseTimestamp int64     53 baseSequence int32
 * 16 magic int8                35 maxTimestamp int64      57 recordCount int32
 * 17 crc uint32 (of 21..end)                              61 records
 * </pre>
 */
public final class RecordBatch {
  /** Bytes of a batch before its first record. */
  public static final int HEADER_BYTES = 61;

  /** What {@code batchLength} does not count: base offset and the length itself. */
  public static final int LOG_OVERHEAD_BYTES = 12;

  public static final byte MAGIC_V2 = 2;
  public static final long NO_TIMESTAMP = -1;
  public static final long NO_PRODUCER_ID = -1;
  public static final short NO_PRODUCER_EPOCH = -1;
  public static final int NO_SEQUENCE = -1;

  static final int CODEC_MASK = 0x07;
  static final int LOG_APPEND_TIME_FLAG = 0x08;
  static final int TRANSACTIONAL_FLAG = 0x10;
  static final int CONTROL_FLAG = 0x20;
  static final int DELETE_HORIZON_FLAG = 0x40;
  static final int DEFINED_ATTRIBUTES = 0x7f;

  private static final int LENGTH_AT = 8;
  private static final int LEADER_EPOCH_AT = 12;
  private static final int MAGIC_AT = 16;
  private static final int CRC_AT = 17;
  private static final int ATTRIBUTES_AT = 21;
  private static final int LAST_OFFSET_DELTA_AT = 23;
  private static final int BASE_TIMESTAMP_AT = 27;
  private static final int MAX_TIMESTAMP_AT = 35;
  private static final int PRODUCER_ID_AT = 43;
  private static final int PRODUCER_EPOCH_AT = 51;
  private static final int BASE_SEQUENCE_AT = 53;
  private static final int RECORD_COUNT_AT = 57;

  private RecordBatch() {}

  public static long baseOffset(ByteBuffer buffer, int position) {
    return buffer.getLong(position);
  }

  /** The length field: the bytes of the batch after its first {@link #LOG_OVERHEAD_BYTES}. */
  public static int batchLength(ByteBuffer buffer, int position) {
    return buffer.getInt(position + LENGTH_AT);
  }

  /** The whole batch in bytes. Of unchecked input it may be negative. */
  public static int sizeInBytes(ByteBuffer buffer, int position) {
    return batchLength(buffer, position) + LOG_OVERHEAD_BYTES;
  }

  public static int partitionLeaderEpoch(ByteBuffer buffer, int position) {
    return buffer.getInt(position + LEADER_EPOCH_AT);
  }

  public static byte magic(ByteBuffer buffer, int position) {
    return buffer.get(position + MAGIC_AT);
  }

  /** The stored checksum, unsigned. */
  public static long crc(ByteBuffer buffer, int position) {
    return Integer.toUnsignedLong(buffer.getInt(position + CRC_AT));
  }

  public static int attributes(ByteBuffer buffer, int position) {
    return buffer.getShort(position + ATTRIBUTES_AT) & 0xffff;
  }

  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; of unchecked input also 5 to 7. */
  public static int codec(ByteBuffer buffer, int position) {
    return attributes(buffer, position) & CODEC_MASK;
  }

  public static boolean isLogAppendTime(ByteBuffer buffer, int position) {
    return (attributes(buffer, position) & LOG_APPEND_TIME_FLAG) != 0;
  }

  public static boolean isTransactional(ByteBuffer buffer, int position) {
    return (attributes(buffer, position) & TRANSACTIONAL_FLAG) != 0;
  }

  public static boolean isControl(ByteBuffer buffer, int position) {
    return (attributes(buffer, position) & CONTROL_FLAG) != 0;
  }

  /** Whether the base timestamp is the time from which tombstones in the batch may go (KIP-534). */
  public static boolean hasDeleteHorizon(ByteBuffer buffer, int position) {
    return (attributes(buffer, position) & DELETE_HORIZON_FLAG) != 0;
  }

  public static int lastOffsetDelta(ByteBuffer buffer, int position) {
    return buffer.getInt(position + LAST_OFFSET_DELTA_AT);
  }

  public static long lastOffset(ByteBuffer buffer, int position) {
    return baseOffset(buffer, position) + lastOffsetDelta(buffer, position);
  }

  public static long baseTimestamp(ByteBuffer buffer, int position) {
    return buffer.getLong(position + BASE_TIMESTAMP_AT);
  }

  public static long maxTimestamp(ByteBuffer buffer, int position) {
    return buffer.getLong(position + MAX_TIMESTAMP_AT);
  }

  /**
   * The largest timestamp that the header knows of. Some producers (Sarama) leave the maximum at -1
   * and set only the base; an index must not believe that such a batch has no time.
   */
  public static long largestTimestamp(ByteBuffer buffer, int position) {
    // With a delete horizon that stands in the place of the base.
    return isLogAppendTime(buffer, position) || hasDeleteHorizon(buffer, position)
        ? maxTimestamp(buffer, position)
        : Math.max(maxTimestamp(buffer, position), baseTimestamp(buffer, position));
  }

  public static long producerId(ByteBuffer buffer, int position) {
    return buffer.getLong(position + PRODUCER_ID_AT);
  }

  public static boolean hasProducerId(ByteBuffer buffer, int position) {
    return producerId(buffer, position) > NO_PRODUCER_ID;
  }

  public static short producerEpoch(ByteBuffer buffer, int position) {
    return buffer.getShort(position + PRODUCER_EPOCH_AT);
  }

  public static int baseSequence(ByteBuffer buffer, int position) {
    return buffer.getInt(position + BASE_SEQUENCE_AT);
  }

  /** The sequence of the last record; sequences go from the largest int back to 0. */
  public static int lastSequence(ByteBuffer buffer, int position) {
    int first = baseSequence(buffer, position);
    return first == NO_SEQUENCE
        ? NO_SEQUENCE
        : sequencePlus(first, lastOffsetDelta(buffer, position));
  }

  public static int recordCount(ByteBuffer buffer, int position) {
    return buffer.getInt(position + RECORD_COUNT_AT);
  }

  /** A sequence number some records later, for {@code records >= 0}. */
  public static int sequencePlus(int sequence, int records) {
    return (int) (((long) sequence + records) & Integer.MAX_VALUE);
  }

  /** Writes the two fields that the leader owns; both lie outside the checksum. */
  public static void patch(ByteBuffer buffer, int position, long baseOffset, int leaderEpoch) {
    buffer.putLong(position, baseOffset);
    buffer.putInt(position + LEADER_EPOCH_AT, leaderEpoch);
  }

  /** Makes the broker's clock the time of every record of the batch, and renews the checksum. */
  public static void patchLogAppendTime(ByteBuffer buffer, int position, long timestampMs) {
    int attributes = attributes(buffer, position) | LOG_APPEND_TIME_FLAG;
    buffer.putShort(position + ATTRIBUTES_AT, (short) attributes);
    buffer.putLong(position + MAX_TIMESTAMP_AT, timestampMs);
    buffer.putInt(position + CRC_AT, (int) computeCrc(buffer, position));
  }

  /** Puts the delete horizon in the place of the base timestamp; the checksum is not renewed. */
  public static void setDeleteHorizon(ByteBuffer buffer, int position, long horizonMs) {
    int attributes = attributes(buffer, position) | DELETE_HORIZON_FLAG;
    buffer.putShort(position + ATTRIBUTES_AT, (short) attributes);
    buffer.putLong(position + BASE_TIMESTAMP_AT, horizonMs);
  }

  /** Makes the header fit the records that are left behind it, and renews the checksum. */
  public static void shrunk(
      ByteBuffer buffer, int position, int sizeInBytes, int recordCount, long maxTimestampMs) {
    buffer.putInt(position + LENGTH_AT, sizeInBytes - LOG_OVERHEAD_BYTES);
    buffer.putInt(position + RECORD_COUNT_AT, recordCount);
    buffer.putLong(position + MAX_TIMESTAMP_AT, maxTimestampMs);
    buffer.putInt(position + CRC_AT, (int) computeCrc(buffer, position));
  }

  /** Makes the header one of a batch without records; offsets and sequences stay. */
  public static void makeEmpty(ByteBuffer buffer, int position) {
    int attributes = attributes(buffer, position) & ~(CODEC_MASK | DELETE_HORIZON_FLAG);
    long maxTimestampMs = largestTimestamp(buffer, position);
    buffer.putShort(position + ATTRIBUTES_AT, (short) attributes);
    buffer.putLong(position + BASE_TIMESTAMP_AT, maxTimestampMs);
    shrunk(buffer, position, HEADER_BYTES, 0, maxTimestampMs);
  }

  /** CRC-32C of everything behind the checksum; the batch must be in the buffer entirely. */
  public static long computeCrc(ByteBuffer buffer, int position) {
    CRC32C crc = new CRC32C();
    crc.update(
        buffer.slice(position + ATTRIBUTES_AT, sizeInBytes(buffer, position) - ATTRIBUTES_AT));
    return crc.getValue();
  }

  public static boolean hasValidCrc(ByteBuffer buffer, int position) {
    return crc(buffer, position) == computeCrc(buffer, position);
  }
}
