package io.penstock.storage.log;

import io.penstock.storage.io.StorageException;

/**
 * Finds to the batch where a log begins that keeps records for a time: at the first batch that has
 * one young enough. Segments are deleted as a whole, later; what lies before that batch is out of
 * sight at once, also in the active segment. Guarded by the trimmer's monitor.
 */
final class RetentionByTime {
  private final LogState state;

  /** The first batch that stayed when last looked at: where the log began, and how young it was. */
  private long knownStart = -1;

  private long knownMs;

  RetentionByTime(LogState state) {
    this.state = state;
  }

  /** The new log start offset; never past the high watermark, nor before the one there is. */
  long startAt(long nowMs, long retentionMs, long highWatermark) throws StorageException {
    long start = state.logStartOffset;
    long cutoffMs = nowMs - retentionMs;
    if (cutoffMs < 0 || (start == knownStart && knownMs >= cutoffMs)) {
      return start;
    }
    knownStart = -1;
    long limit = Math.min(highWatermark, state.end.offset());
    long found =
        state.query((segments, end) -> find(segments, end, Math.max(start, 0), cutoffMs, limit));
    return Math.max(start, found);
  }

  private long find(Segments segments, LogEnd end, long start, long cutoffMs, long limit)
      throws StorageException {
    for (int i = segments.floorIndex(start); i < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      if (segment.baseOffset() >= limit) {
        break;
      }
      boolean last = segment == end.segment();
      if (segment.largestTimestampOrOpenedMs() >= cutoffMs) {
        return Math.min(limit, inSegment(segment, end, start, cutoffMs));
      }
      if (last) {
        break;
      }
    }
    return limit;
  }

  private long inSegment(LogSegment segment, LogEnd end, long start, long cutoffMs)
      throws StorageException {
    long largestMs = segment.times().largestMs();
    if (largestMs < 0) {
      return Math.max(start, segment.baseOffset()); // without times: as old as the segment
    }
    int readable = segment == end.segment() ? end.position() : segment.sizeBytes();
    // Not from the time index's entry on, before which a batch without a time may lie. What is
    // passed over is expired, so it is passed over once.
    int position = segment.batches().positionOf(start, readable);
    SharedFile open = segment.acquire();
    try {
      HeaderReader reader = HeaderReader.over(open.file(), position, readable);
      while (reader.load()) {
        long batchMs = reader.maxTimestampMs();
        long ms = batchMs >= 0 ? batchMs : largestMs; // without a time: as young as any beside it
        if (ms >= cutoffMs) {
          long first = Math.max(start, reader.baseOffset());
          knownStart = first;
          knownMs = ms;
          return first;
        }
        reader.next();
      }
    } finally {
      open.release();
    }
    return segment == end.segment() ? end.offset() : segment.baseOffset();
  }
}
