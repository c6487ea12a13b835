package io.penstock.storage.log;

import io.penstock.storage.batch.BatchCheck;
import io.penstock.storage.batch.BatchValidator;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * What lies where recovery found no good batch: the torn end of a log, which is normal after a
 * crash; damage with good batches behind it, which is not; or records that are good but older than
 * format v2, which must not be cut at all.
 */
enum CutTail {
  TORN,
  DAMAGED,
  OLD_FORMAT;

  /** Larger ones are not believed. */
  private static final int BATCH_BYTES_MAX = 128 << 20;

  /** Offset int64, size int32, CRC-32 (of what follows) int32, magic, attributes, two lengths. */
  private static final int OLD_BYTES_MIN = 26;

  private static final int OLD_CRC_AT = 12;
  private static final int OLD_CRC_FROM = 16;

  static CutTail of(DiskFile file, int position, int fileBytes) throws StorageException {
    long size = sizeAt(file, position, fileBytes);
    if (size < OLD_BYTES_MIN) {
      return TORN;
    }
    ByteBuffer first = read(file, position, (int) size);
    if (RecordBatch.magic(first, 0) < RecordBatch.MAGIC_V2) {
      return isOldMessage(first) ? OLD_FORMAT : TORN;
    }
    long next = position + size;
    long nextSize = sizeAt(file, next, fileBytes);
    boolean goodBehind =
        nextSize >= RecordBatch.HEADER_BYTES
            && BatchValidator.checkStored(read(file, next, (int) nextSize), 0)
                instanceof BatchCheck.Valid;
    return goodBehind ? DAMAGED : TORN;
  }

  /** The size that a batch claims, or 0 where it does not lie in the file. */
  private static long sizeAt(DiskFile file, long position, int fileBytes) throws StorageException {
    if (fileBytes - position < OLD_BYTES_MIN) {
      return 0;
    }
    ByteBuffer head = read(file, position, OLD_BYTES_MIN);
    long size = RecordBatch.LOG_OVERHEAD_BYTES + (long) RecordBatch.batchLength(head, 0);
    return size > Math.min(BATCH_BYTES_MAX, fileBytes - position) ? 0 : size;
  }

  private static boolean isOldMessage(ByteBuffer message) {
    CRC32 crc = new CRC32();
    crc.update(message.slice(OLD_CRC_FROM, message.limit() - OLD_CRC_FROM));
    return (int) crc.getValue() == message.getInt(OLD_CRC_AT);
  }

  private static ByteBuffer read(DiskFile file, long position, int bytes) throws StorageException {
    ByteBuffer read = ByteBuffer.allocate(bytes);
    file.read(read, position);
    return read.clear();
  }
}
