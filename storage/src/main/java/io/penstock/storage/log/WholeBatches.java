package io.penstock.storage.log;

import io.penstock.storage.batch.BatchCheck;
import io.penstock.storage.batch.BatchValidator;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.ScratchBuffer;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;

/**
 * Reads the batches of segments in large pieces, each one whole and with its checksum looked at: a
 * cleaning must not give damaged records a new checksum. One thread's.
 */
final class WholeBatches {
  /** Hears of each batch. */
  interface Batches {
    /** Returns false when it has seen enough. */
    boolean batch(ByteBuffer buffer, int at) throws StorageException, CleaningAbortedException;
  }

  private final Throttle throttle;
  private final ScratchBuffer memory;
  private final CleaningTotals totals;

  /** As much as is read at once; more for a batch that is larger. */
  private int windowBytes = CleanerTools.PIECE_BYTES;

  private ByteBuffer window = ByteBuffer.allocate(0);

  WholeBatches(CleanerTools tools, CleaningTotals totals) {
    this.throttle = tools.throttle();
    this.memory = tools.read();
    this.totals = totals;
  }

  /** Goes through a segment that is not written to; false when it was ended by the listener. */
  boolean each(LogSegment segment, Batches batches)
      throws StorageException, CleaningAbortedException {
    totals.bytesRead += segment.sizeBytes();
    SharedFile open = segment.acquire();
    try {
      return each(open.file(), segment.sizeBytes(), batches);
    } finally {
      open.release();
    }
  }

  private boolean each(DiskFile file, int to, Batches batches)
      throws StorageException, CleaningAbortedException {
    int position = 0;
    while (position < to) {
      fill(file, position, to);
      int at = 0;
      while (window.limit() - at >= RecordBatch.HEADER_BYTES
          && window.limit() - at >= sizeAt(file, position, at)) {
        int size = RecordBatch.sizeInBytes(window, at);
        if (!give(file, position, at, batches)) {
          return false;
        }
        at += size;
        position += size;
      }
      if (at == 0) {
        makeRoom(file, position, to);
      }
    }
    return true;
  }

  private void fill(DiskFile file, int position, int to)
      throws StorageException, CleaningAbortedException {
    memory.clear();
    int bytes = Math.min(windowBytes, to - position);
    window = memory.roomFor(bytes).duplicate().limit(bytes);
    file.read(window, position);
    window.flip();
    throttle.took(window.limit());
  }

  private int sizeAt(DiskFile file, int position, int at) throws StorageException {
    int size = RecordBatch.sizeInBytes(window, at);
    if (size < RecordBatch.HEADER_BYTES) {
      throw damaged(file, position, "a batch of " + size + " bytes");
    }
    return size;
  }

  private boolean give(DiskFile file, int position, int at, Batches batches)
      throws StorageException, CleaningAbortedException {
    if (BatchValidator.checkStored(window, at) instanceof BatchCheck.Invalid invalid) {
      throw damaged(file, position, invalid.message());
    }
    return batches.batch(window, at);
  }

  /** A batch is larger than the window, or ends behind the file. */
  private void makeRoom(DiskFile file, int position, int to) throws StorageException {
    boolean header = window.limit() >= RecordBatch.HEADER_BYTES;
    int size = header ? sizeAt(file, position, 0) : RecordBatch.HEADER_BYTES;
    if (size > to - position || size <= windowBytes) {
      throw damaged(file, position, "a batch that is cut off");
    }
    windowBytes = size;
  }

  private static CorruptFileException damaged(DiskFile file, int position, String what) {
    return new CorruptFileException(
        "Cannot clean: " + what + " at position " + position,
        file.path(),
        "let the replica fetch its log anew from another one, or delete the records before");
  }
}
