package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;

/**
 * Walks over the batch headers of a segment file. Reads a few kilobytes at a time, so that small
 * batches share a read and the records of large ones are skipped. One per thread, reused.
 */
final class HeaderReader {
  /** As much as lies between two index entries by default, and the header behind it. */
  static final int WINDOW_BYTES = 8192;

  private static final ThreadLocal<HeaderReader> PER_THREAD =
      ThreadLocal.withInitial(HeaderReader::new);

  private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES);
  private long windowPosition;
  private long position;
  private long endPosition;
  private DiskFile file;
  private int at;

  @SuppressWarnings("NullAway.Init") // over() sets the file before anything reads it
  private HeaderReader() {}

  /** This thread's reader, before the batch at {@code position}; stops at {@code endPosition}. */
  static HeaderReader over(DiskFile file, long position, long endPosition) {
    HeaderReader reader = PER_THREAD.get();
    reader.file = file;
    reader.position = position;
    reader.endPosition = endPosition;
    reader.windowPosition = -1;
    reader.window.limit(0);
    return reader;
  }

  /**
   * Moves to the header at the current position; false at the end.
   *
   * @throws CorruptFileException where bytes below the end are no batch
   */
  boolean load() throws StorageException {
    if (position >= endPosition) {
      return false;
    }
    if (!loadIfWhole()) {
      throw new CorruptFileException(
          "No batch at position " + position + " below the end " + endPosition,
          file.path(),
          "restart the node to have the log recovered, or let another replica lead");
    }
    return true;
  }

  /** As {@link #load}, but false where there is no whole v2 batch; its CRC is not looked at. */
  boolean loadIfWhole() throws StorageException {
    if (position + RecordBatch.HEADER_BYTES > endPosition) {
      return false;
    }
    if (windowPosition < 0
        || position < windowPosition
        || position + RecordBatch.HEADER_BYTES > windowPosition + window.limit()) {
      fill();
    }
    at = (int) (position - windowPosition);
    if (window.limit() - at < RecordBatch.HEADER_BYTES
        || RecordBatch.magic(window, at) != RecordBatch.MAGIC_V2) {
      return false;
    }
    long size = RecordBatch.LOG_OVERHEAD_BYTES + (long) RecordBatch.batchLength(window, at);
    return size >= RecordBatch.HEADER_BYTES
        && position + size <= endPosition
        && RecordBatch.lastOffsetDelta(window, at) >= 0;
  }

  /** Makes sure that the whole of a small batch, such as a control batch, is in the buffer. */
  void loadBody() throws StorageException {
    if (at + size() > window.limit() && size() <= WINDOW_BYTES) {
      fill();
      at = 0;
    }
  }

  private void fill() throws StorageException {
    window.clear();
    window.limit((int) Math.min(WINDOW_BYTES, endPosition - position));
    file.read(window, position);
    window.flip();
    windowPosition = position;
  }

  /** Steps over the batch that was loaded. */
  void next() {
    position += size();
  }

  /** A buffer and {@link #at} the place in it where the loaded header lies. */
  ByteBuffer buffer() {
    return window;
  }

  int at() {
    return at;
  }

  long position() {
    return position;
  }

  int size() {
    return RecordBatch.sizeInBytes(window, at);
  }

  long baseOffset() {
    return RecordBatch.baseOffset(window, at);
  }

  long lastOffset() {
    return RecordBatch.lastOffset(window, at);
  }

  long maxTimestampMs() {
    return RecordBatch.largestTimestamp(window, at);
  }
}
