package io.penstock.storage.log;

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

  /** Offset int64, size int32, CRC-32 (of what follows) int32, magic, attributes, two lengths. */
  private static final int OLD_BYTES_MIN = 26;

  private static final int OLD_CRC_AT = 12;
  private static final int OLD_CRC_FROM = 16;

  /** Judges the bytes from a position to the end of a file, through the scanner's buffer. */
  static CutTail of(RecoveryScanner scanner, DiskFile file, int position, int fileBytes)
      throws StorageException {
    long size = sizeAt(scanner, file, position, fileBytes);
    if (size < OLD_BYTES_MIN) {
      return TORN;
    }
    ByteBuffer head = scanner.read(file, position, OLD_BYTES_MIN, fileBytes);
    if (RecordBatch.magic(head, 0) < RecordBatch.MAGIC_V2) {
      int crc = head.getInt(OLD_CRC_AT);
      long end = position + size;
      boolean old =
          scanner.hasChecksum(
              file, position + OLD_CRC_FROM, (int) end, fileBytes, new CRC32(), crc);
      return old ? OLD_FORMAT : TORN;
    }
    long next = position + size;
    boolean goodBehind =
        sizeAt(scanner, file, next, fileBytes) >= RecordBatch.HEADER_BYTES
            && scanner.isGoodBatch(file, (int) next, fileBytes);
    return goodBehind ? DAMAGED : TORN;
  }

  /** The size that a batch claims, or 0 where it does not lie in the file. */
  private static long sizeAt(RecoveryScanner scanner, DiskFile file, long position, int fileBytes)
      throws StorageException {
    if (fileBytes - position < OLD_BYTES_MIN) {
      return 0;
    }
    ByteBuffer head = scanner.read(file, (int) position, OLD_BYTES_MIN, fileBytes);
    long size = RecordBatch.LOG_OVERHEAD_BYTES + (long) RecordBatch.batchLength(head, 0);
    return size > fileBytes - position ? 0 : size;
  }
}
