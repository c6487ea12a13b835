package io.penstock.replication.simulation;

import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.ReadOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What one log holds, batch by batch, as far as it was looked at. It follows the log step by step,
 * so that only what is new has to be read; nothing is both cut and written in one step.
 */
final class ReplicaMirror {

  private static final int READ_BYTES = 64 << 10;

  private final PartitionLog log;
  private final List<BatchInfo> batches = new ArrayList<>();
  private long start = -1;
  private long end = -1;

  ReplicaMirror(PartitionLog log) {
    this.log = log;
  }

  PartitionLog log() {
    return log;
  }

  long end() {
    return end;
  }

  List<BatchInfo> batches() {
    return batches;
  }

  /** Follows the log to where it ends now; returns how far the mirror is as it was before. */
  long follow() throws StorageException {
    long logEnd = log.logEndOffset();
    long logStart = log.logStartOffset();
    if (logStart < start || logStart > end || logStart == logEnd) {
      batches.clear();
      end = logStart;
    }
    while (!batches.isEmpty() && batches.getLast().lastOffset() >= logEnd) {
      end = batches.removeLast().baseOffset();
    }
    start = logStart;
    long unchanged = end;
    while (end < logEnd) {
      read(logEnd);
    }
    return unchanged;
  }

  private void read(long logEnd) throws StorageException {
    if (!(log.read(end, READ_BYTES, logEnd, true) instanceof ReadOutcome.Slice(var slice))) {
      throw new AssertionError("cannot read " + log.id() + " at " + end + " of " + logEnd);
    }
    ByteBuffer bytes = ByteBuffer.allocate(slice.size());
    slice.file().read(bytes, slice.position());
    slice.release();
    long before = end;
    for (BatchInfo batch : BatchInfo.in(bytes.flip())) {
      boolean follows =
          batch.baseOffset() == end || (batches.isEmpty() && batch.lastOffset() >= end);
      if (!follows) {
        throw new AssertionError(log.id() + " goes on with " + batch + " at " + end);
      }
      batches.add(batch);
      end = batch.lastOffset() + 1;
    }
    if (end == before) {
      throw new AssertionError("no whole batch in " + log.id() + " at " + end);
    }
  }

  /** Where the batch that holds an offset is in {@link #batches}, or the next one. */
  int indexOf(long offset) {
    int low = 0;
    int high = batches.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (batches.get(middle).lastOffset() < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
