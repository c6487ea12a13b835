package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.compact.BatchCleaner;
import io.penstock.storage.compact.CleanedTransactions;
import io.penstock.storage.compact.CleanerTools;
import io.penstock.storage.compact.CleaningAbortedException;
import io.penstock.storage.compact.CleaningTotals;
import io.penstock.storage.compact.ScratchBuffer;
import io.penstock.storage.compact.Throttle;
import io.penstock.storage.index.AbortedTransaction;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what stays of some neighbouring segments into one, and puts that in their place.
 * Crash-safe by names, which are Kafka's: {@code .cleaned} while it is written, which a restart
 * deletes; {@code .swap} once it is complete and forced, which a restart puts in place of whatever
 * is there; then the old ones become {@code .deleted} and the new one takes the name of the first
 * of them. Readers find the new one before the old ones lose their names; slices keep theirs open.
 */
final class SegmentRewriter {
  private final LogState state;
  private final LogTrimmer trimmer;
  private final SegmentWatch watch;
  private final Throttle throttle;
  private final BatchCleaner cleaner;
  private final CleanedTransactions transactions;
  private final CleaningTotals totals;
  private final WholeBatches reader;
  private final ScratchBuffer kept;
  private final ByteBuffer[] source = new ByteBuffer[1];

  SegmentRewriter(
      LogState state,
      LogTrimmer trimmer,
      SegmentWatch watch,
      CleanerTools tools,
      BatchCleaner cleaner,
      CleanedTransactions transactions,
      CleaningTotals totals) {
    this.state = state;
    this.trimmer = trimmer;
    this.watch = watch;
    this.throttle = tools.throttle();
    this.kept = tools.kept();
    this.cleaner = cleaner;
    this.transactions = transactions;
    this.totals = totals;
    this.reader = new WholeBatches(tools, totals);
  }

  /** Replaces the segments, unless the log was cut or they were deleted meanwhile. */
  void rewrite(List<LogSegment> group) throws StorageException, CleaningAbortedException {
    LogSegment cleaned = begin(group.getFirst().baseOffset());
    boolean used = false;
    try {
      if (watch.whileThere(group, () -> copy(group, cleaned))) {
        cleaned.seal();
        used = swap(group, cleaned);
      }
    } finally {
      if (!used) {
        discard(cleaned);
      }
    }
  }

  /** Not in a log that is gone: the files would be another's, of the same name. */
  private LogSegment begin(long baseOffset) throws StorageException, CleaningAbortedException {
    List<LogSegment> begun = new ArrayList<>(1);
    trimmer.exclusively(() -> {
      if (!state.closed) {
        int indexBytes = state.settings.indexBytes();
        begun.add(LogSegment.cleaned(state.services, state.directory, baseOffset, indexBytes));
      }
    });
    if (begun.isEmpty()) {
      throw new CleaningAbortedException("the log is closed");
    }
    return begun.getFirst();
  }

  /** Returns whether what stays of the segments is any other than them. */
  private boolean copy(List<LogSegment> group, LogSegment cleaned)
      throws StorageException, CleaningAbortedException {
    kept.clear();
    for (LogSegment segment : group) {
      reader.each(
          segment,
          (buffer, at) -> {
            cleaner.clean(buffer, at, kept);
            if (kept.size() >= CleanerTools.PIECE_BYTES) {
              write(cleaned);
            }
            return true;
          });
    }
    write(cleaned);
    for (AbortedTransaction transaction : transactions.takeKept()) {
      cleaned.indexes().appendAborted(transaction);
    }
    totals.bytesKept += cleaned.sizeBytes();
    return cleaner.takeChanged() || group.size() > 1;
  }

  private void write(LogSegment cleaned) throws StorageException, CleaningAbortedException {
    ByteBuffer bytes = kept.content();
    if (!bytes.hasRemaining()) {
      return;
    }
    int position = cleaned.sizeBytes();
    source[0] = bytes;
    cleaned.write(source, 1, position);
    int interval = state.settings.indexIntervalBytes();
    for (int at = 0; at < bytes.limit(); at += RecordBatch.sizeInBytes(bytes, at)) {
      cleaned.noteBatch(bytes, at, position + at, interval);
    }
    throttle.took(bytes.limit());
    kept.clear();
  }

  // Swap -------------------------------------------------------------------------------------

  /** Returns whether the new segment is part of the log now. */
  private boolean swap(List<LogSegment> group, LogSegment cleaned)
      throws StorageException, CleaningAbortedException {
    boolean[] used = new boolean[2];
    trimmer.exclusively(() -> {
      boolean unchanged = !state.closed && watch.isUncut() && state.segments.get().hold(group);
      if (!unchanged) {
        return;
      }
      used[0] = true;
      used[1] = cleaned.sizeBytes() > 0 || group.getFirst() == state.segments.get().first();
      try {
        putInPlace(group, cleaned, used[1]);
      } catch (DiskFullException full) {
        throw new StorageException(
            "Segments are replaced by half", state.directory, "restart the node", full);
      }
    });
    if (!used[0]) {
      throw new CleaningAbortedException("segments were deleted or truncated");
    }
    return used[1];
  }

  /** A log keeps its first segment, though empty: its name says where the log begins. */
  private void putInPlace(List<LogSegment> group, LogSegment cleaned, boolean keepsAny)
      throws StorageException {
    if (!keepsAny) {
      state.segments.updateAndGet(segments -> segments.replaced(group, List.of()));
      trimmer.discard(group);
      return;
    }
    cleaned.markAsSwap();
    state.segments.updateAndGet(segments -> segments.replaced(group, List.of(cleaned)));
    trimmer.discard(group);
    cleaned.takePlace();
  }

  private void discard(LogSegment cleaned) throws StorageException {
    if (state.abandoned) {
      cleaned.close(); // its files go with the log's, by other names
      return;
    }
    cleaned.discardCleaned();
  }
}
