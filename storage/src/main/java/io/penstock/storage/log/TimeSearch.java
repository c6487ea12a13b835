package io.penstock.storage.log;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.index.TimeEntry;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Finds records by time: the first segment that is young enough, the time index for where to start
 * in it, batch headers from there, and the records of one batch. Blocks on the disk where pages are
 * cold.
 */
final class TimeSearch {
  private final LogState state;

  TimeSearch(LogState state) {
    this.state = state;
  }

  Optional<TimestampedOffset> firstAtOrAfter(long timestampMs, long limitOffset)
      throws StorageException {
    state.checkOpen();
    return state.query((segments, end) -> first(segments, end, timestampMs, limitOffset));
  }

  private Optional<TimestampedOffset> first(
      Segments segments, LogEnd end, long timestampMs, long limitOffset) throws StorageException {
    long start = state.logStartOffset;
    long limit = Math.min(limitOffset, end.offset());
    for (int i = segments.floorIndex(start); i < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      if (segment.baseOffset() >= limit) {
        break;
      }
      if (segment.times().largestMs() >= timestampMs) {
        Optional<TimestampedOffset> found = inSegment(segment, end, timestampMs, start, limit);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  Optional<TimestampedOffset> latest() throws StorageException {
    state.checkOpen();
    return state.query(this::latest);
  }

  private Optional<TimestampedOffset> latest(Segments segments, LogEnd end)
      throws StorageException {
    SegmentTimes best = SegmentTimes.NONE;
    LogSegment holder = end.segment();
    for (LogSegment segment : segments.all()) {
      SegmentTimes times = segment.times();
      if (times.largestMs() > best.largestMs()) {
        best = times;
        holder = segment;
      }
    }
    return best.largestMs() < 0
        ? Optional.empty()
        : inSegment(holder, end, best.largestMs(), state.logStartOffset, end.offset());
  }

  private Optional<TimestampedOffset> inSegment(
      LogSegment segment, LogEnd end, long timestampMs, long start, long limit)
      throws StorageException {
    int readable = segment == end.segment() ? end.position() : segment.sizeBytes();
    // Everything up to the entry's offset is at most as old, and only that batch is as young.
    TimeEntry entry = segment.indexes().timeAtOrBefore(timestampMs);
    int position = segment.batches().positionOf(Math.max(entry.offset(), start), readable);
    SharedFile open = segment.acquire();
    try {
      while (position < readable) {
        HeaderReader reader = HeaderReader.over(open.file(), position, readable);
        if (!skipOlder(reader, timestampMs) || reader.baseOffset() >= limit) {
          return Optional.empty();
        }
        Optional<TimestampedOffset> found = inBatch(open, reader, timestampMs, start, limit);
        if (found.isPresent()) {
          return found;
        }
        position = (int) reader.position() + reader.size();
      }
      return Optional.empty();
    } finally {
      open.release();
    }
  }

  private static boolean skipOlder(HeaderReader reader, long timestampMs) throws StorageException {
    while (reader.load()) {
      if (reader.maxTimestampMs() >= timestampMs) {
        return true;
      }
      reader.next();
    }
    return false;
  }

  private Optional<TimestampedOffset> inBatch(
      SharedFile open, HeaderReader header, long timestampMs, long start, long limit)
      throws StorageException {
    ByteBuffer batch = ByteBuffer.allocateDirect(header.size());
    int epoch = RecordBatch.partitionLeaderEpoch(header.buffer(), header.at());
    open.file().read(batch, header.position());
    batch.flip();
    return state
        .services
        .scanner()
        .firstAtOrAfter(batch, timestampMs)
        .filter(found -> found.offset() >= start && found.offset() < limit)
        .map(found -> new TimestampedOffset(found.offset(), found.timestampMs(), epoch));
  }
}
