package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads a segment file in large pieces and finds where its whole, undamaged batches end. Used by
 * one recovery thread at a time.
 */
final class RecoveryScanner {
  private static final int WINDOW_BYTES = 4 << 20;
  private static final int CRC_AT = 17;
  private static final int CHECKED_FROM = 21;

  /** Hears of each good batch; its header, and all of a small one, is in the buffer. */
  interface Batches {
    /** Returns false when the batch does not continue the log. */
    boolean batch(ByteBuffer buffer, int at, int position) throws StorageException;
  }

  private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES);
  private long windowPosition;

  /** The position behind the last good batch between a position and the end of the file. */
  int scan(DiskFile file, int from, int fileBytes, Batches batches) throws StorageException {
    window.limit(0);
    windowPosition = from;
    int position = from;
    while (fileBytes - position >= RecordBatch.HEADER_BYTES) {
      int at = load(file, position, RecordBatch.HEADER_BYTES, fileBytes);
      long size = RecordBatch.LOG_OVERHEAD_BYTES + (long) RecordBatch.batchLength(window, at);
      if (RecordBatch.magic(window, at) != RecordBatch.MAGIC_V2
          || size < RecordBatch.HEADER_BYTES
          || size > fileBytes - position
          || RecordBatch.lastOffsetDelta(window, at) < 0) {
        return position;
      }
      if (!isUndamaged(file, position, (int) size, fileBytes)) {
        return position;
      }
      at = load(file, position, (int) Math.min(size, WINDOW_BYTES), fileBytes);
      if (!batches.batch(window, at, position)) {
        return position;
      }
      position += (int) size;
    }
    return position;
  }

  /** Sees to it that so many bytes from a position are in the window; returns where they are. */
  private int load(DiskFile file, int position, int bytes, int fileBytes) throws StorageException {
    if (position < windowPosition || position + (long) bytes > windowPosition + window.limit()) {
      window.clear();
      window.limit(Math.min(WINDOW_BYTES, fileBytes - position));
      file.read(window, position);
      window.flip();
      windowPosition = position;
    }
    return (int) (position - windowPosition);
  }

  private boolean isUndamaged(DiskFile file, int position, int size, int fileBytes)
      throws StorageException {
    int at = load(file, position, Math.min(size, WINDOW_BYTES), fileBytes);
    long expected = Integer.toUnsignedLong(window.getInt(at + CRC_AT));
    CRC32C crc = new CRC32C();
    int checked = CHECKED_FROM;
    while (checked < size) {
      int piece = Math.min(size - checked, WINDOW_BYTES);
      int pieceAt = load(file, position + checked, piece, fileBytes);
      if (window.limit() - pieceAt < piece) {
        return false;
      }
      crc.update(window.slice(pieceAt, piece));
      checked += piece;
    }
    return crc.getValue() == expected;
  }
}
