package io.penstock.replication.partition;

/**
 * How many bytes a step of the high watermark may have committed, for those who wait for so many.
 * It notes no offset for each append, only one mark: where the log ended when the watermark last
 * passed the mark. So the answer may count what lies between two marks once for each step, never
 * less than was committed. Pure; confined to the partition's lock.
 */
final class UncommittedBytes {

  private long mark;
  private long beforeMark;
  private long afterMark;

  void appended(long bytes) {
    afterMark += bytes;
  }

  /** The watermark has moved to here; at least one byte has become committed. */
  long committed(long highWatermark, long logEndOffset) {
    if (highWatermark < mark) {
      return Math.max(1, beforeMark);
    }
    long bytes = beforeMark + (highWatermark > mark ? afterMark : 0);
    beforeMark = highWatermark == logEndOffset ? 0 : afterMark;
    afterMark = 0;
    mark = logEndOffset;
    return Math.max(1, bytes);
  }

  /** The log was cut, perhaps before the mark. */
  void cut() {
    afterMark += beforeMark;
    beforeMark = 0;
    mark = 0;
  }
}
