package io.penstock.storage.log;

import io.penstock.storage.io.StorageException;
import java.util.Optional;

/**
 * Finds what a fetch asked for. Takes no lock: it looks at the published end first and at the
 * segments afterwards, so that the segment of that end is among them.
 */
final class LogReader {
  /** What was appended last is in the page cache, as far back as this, for as long as this. */
  static final long RECENT_BYTES = 4L << 20;

  static final long RECENT_MS = 30_000;

  private final LogState state;

  LogReader(LogState state) {
    this.state = state;
  }

  ReadOutcome read(long offset, int maxBytes, long limitOffset, boolean atLeastOneBatch)
      throws StorageException {
    state.checkOpen();
    try {
      return state.query((segments, end) -> {
        long start = state.logStartOffset;
        if (offset < start || offset > end.offset()) {
          return new ReadOutcome.OffsetOutOfRange(start, end.offset());
        }
        long limit = Math.min(limitOffset, end.offset());
        return offset >= limit
            ? ReadOutcome.Empty.INSTANCE
            : find(segments, offset, maxBytes, limit, atLeastOneBatch, end);
      });
    } catch (StorageException failure) {
      return outOfRangeNow(offset).orElseThrow(() -> failure);
    } catch (IllegalStateException failure) {
      // An index says so when it is closed.
      return outOfRangeNow(offset).orElseThrow(() -> failure);
    }
  }

  /** A segment may be deleted, or the log be closed, while it is looked at. */
  private Optional<ReadOutcome> outOfRangeNow(long offset) throws StorageException {
    state.checkOpen();
    long start = state.logStartOffset;
    long end = state.end.offset();
    return offset < start || offset > end
        ? Optional.of(new ReadOutcome.OffsetOutOfRange(start, end))
        : Optional.empty();
  }

  private ReadOutcome find(
      Segments segments, long offset, int maxBytes, long limit, boolean atLeastOneBatch, LogEnd end)
      throws StorageException {
    for (int i = segments.floorIndex(offset); i < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      int readable = segment == end.segment() ? end.position() : segment.sizeBytes();
      int from = segment.batches().positionOf(offset, readable);
      if (from < readable) {
        boolean wholly = isWhollyBelow(limit, end, segments, i);
        int to = wholly ? readable : segment.batches().positionOf(limit, readable);
        int size = size(segment, offset, from, to, maxBytes, atLeastOneBatch);
        if (size == 0) {
          return ReadOutcome.Empty.INSTANCE;
        }
        boolean recent = isRecent(segment, from, end, segments, i);
        long next = wholly ? endOffset(end, segments, i) : limit;
        // Both are below 2^31 within one segment.
        long records = (next - Math.max(offset, segment.baseOffset())) * size / (to - from);
        return new ReadOutcome.Slice(
            new LogSlice(segment.acquire(), from, size, Math.max(1, records), recent));
      }
      if (segment == end.segment()) {
        break;
      }
    }
    return ReadOutcome.Empty.INSTANCE;
  }

  private static boolean isWhollyBelow(long limit, LogEnd end, Segments segments, int index) {
    if (limit == end.offset()) {
      return true;
    }
    return index + 1 < segments.count() && segments.at(index + 1).baseOffset() <= limit;
  }

  private static long endOffset(LogEnd end, Segments segments, int index) {
    return segments.at(index) == end.segment() || index + 1 == segments.count()
        ? end.offset()
        : segments.at(index + 1).baseOffset();
  }

  /** As many bytes as may be sent: never a first batch that is cut, a last one may be. */
  private static int size(
      LogSegment segment, long offset, int from, int to, int maxBytes, boolean atLeastOneBatch)
      throws StorageException {
    int size = Math.max(0, to - from);
    if (size <= maxBytes) {
      return size;
    }
    int first = segment.batches().endOfBatch(offset, from, to) - from;
    if (first > maxBytes && !atLeastOneBatch) {
      return 0;
    }
    return Math.max(first, maxBytes);
  }

  private boolean isRecent(LogSegment segment, int from, LogEnd end, Segments segments, int index) {
    long back = (long) end.position() - from;
    if (segment != end.segment()) {
      boolean beforeLast = index + 1 < segments.count() && segments.at(index + 1) == end.segment();
      back = beforeLast ? (long) segment.sizeBytes() - from + end.position() : Long.MAX_VALUE;
    }
    return back <= Math.min(RECENT_BYTES, state.bytesAppended.get())
        && state.services.clock().getAsLong() - state.lastAppendMs <= RECENT_MS;
  }

  /** Whether a read at this offset would find its place without waiting for the disk. */
  boolean findsWithoutDisk(long offset) throws StorageException {
    return state.query((segments, end) -> {
      LogSegment segment = segments.at(segments.floorIndex(offset));
      int readable = segment == end.segment() ? end.position() : segment.sizeBytes();
      return readable == 0 || segment.batches().findsWithoutDisk(offset, readable);
    });
  }
}
