package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.compact.ScratchBuffer;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Reads a segment file in large pieces and finds where its whole, undamaged batches end. It takes
 * no more memory than there is to read, and gives it back when it is closed: an unclean start scans
 * thousands of logs, most of them small, and no collection comes between. One thread's.
 */
final class RecoveryScanner implements AutoCloseable {
  private static final int WINDOW_BYTES = 4 << 20;
  private static final int WINDOW_BYTES_MIN = 4 << 10;
  private static final int CRC_AT = 17;
  private static final int CHECKED_FROM = 21;

  /** Hears of each good batch; its header, and all of a small one, is in the buffer. */
  interface Batches {
    /** Returns false when the batch does not continue the log. */
    boolean batch(ByteBuffer buffer, int at, int position) throws StorageException;
  }

  private final ScratchBuffer memory = new ScratchBuffer(WINDOW_BYTES_MIN);
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowPosition;

  /** The position behind the last good batch between a position and the end of the file. */
  int scan(DiskFile file, int from, int fileBytes, Batches batches) throws StorageException {
    forget();
    int position = from;
    while (fileBytes - position >= RecordBatch.HEADER_BYTES) {
      if (!isGoodBatch(file, position, fileBytes)) {
        return position;
      }
      int at = load(file, position, RecordBatch.HEADER_BYTES, fileBytes);
      int size = RecordBatch.sizeInBytes(window, at);
      at = load(file, position, Math.min(size, WINDOW_BYTES), fileBytes);
      if (!batches.batch(window, at, position)) {
        return position;
      }
      position += size;
    }
    return position;
  }

  /** Whether a whole, undamaged batch begins at a position, where at least a header's bytes are. */
  boolean isGoodBatch(DiskFile file, int position, int fileBytes) throws StorageException {
    int at = load(file, position, RecordBatch.HEADER_BYTES, fileBytes);
    long size = RecordBatch.LOG_OVERHEAD_BYTES + (long) RecordBatch.batchLength(window, at);
    if (RecordBatch.magic(window, at) != RecordBatch.MAGIC_V2
        || size < RecordBatch.HEADER_BYTES
        || size > fileBytes - position
        || RecordBatch.lastOffsetDelta(window, at) < 0) {
      return false;
    }
    int expected = window.getInt(at + CRC_AT);
    // In one piece with its header, which is looked at again when the checksum is right.
    load(file, position, (int) Math.min(size, WINDOW_BYTES), fileBytes);
    int end = position + (int) size;
    return hasChecksum(file, position + CHECKED_FROM, end, fileBytes, new CRC32C(), expected);
  }

  /** Whether the bytes between two positions have this checksum; any number of bytes. */
  boolean hasChecksum(
      DiskFile file, int from, int to, int fileBytes, Checksum checksum, int expected)
      throws StorageException {
    int checked = from;
    while (checked < to) {
      int piece = Math.min(to - checked, WINDOW_BYTES);
      int at = load(file, checked, piece, fileBytes);
      if (window.limit() - at < piece) {
        return false;
      }
      checksum.update(window.slice(at, piece));
      checked += piece;
    }
    return (int) checksum.getValue() == expected;
  }

  /** A few bytes of a file, valid until the next call; of another file after {@link #forget}. */
  ByteBuffer read(DiskFile file, int position, int bytes, int fileBytes) throws StorageException {
    int at = load(file, position, bytes, fileBytes); // which may make another window
    return window.slice(at, bytes);
  }

  /** Begins with another file. */
  void forget() {
    window.limit(0);
    windowPosition = 0;
  }

  /** Sees to it that so many bytes from a position are in the window; returns where they are. */
  private int load(DiskFile file, int position, int bytes, int fileBytes) throws StorageException {
    if (position < windowPosition || position + (long) bytes > windowPosition + window.limit()) {
      int wanted = Math.min(WINDOW_BYTES, fileBytes - position);
      memory.clear();
      if (memory.capacity() < wanted) {
        memory.release(); // else it would grow by doubling, and hold both for a while
      }
      window = memory.roomFor(wanted).limit(wanted);
      file.read(window, position);
      window.flip();
      windowPosition = position;
    }
    return (int) (position - windowPosition);
  }

  /** How much memory it has; nothing once it is closed. */
  int heldBytes() {
    return memory.capacity();
  }

  @Override
  public void close() {
    memory.release();
  }
}
