package io.penstock.storage.log;

/**
 * The timestamps of a segment: of its first batch (rolls by time count from it), and the largest
 * with the last offset of its batch. -1 where there is none, or where it has not been looked up.
 */
record SegmentTimes(long firstMs, long largestMs, long offsetOfLargest) {
  static final SegmentTimes NONE = new SegmentTimes(-1, -1, -1);

  SegmentTimes with(long batchLargestMs, long batchLastOffset) {
    if (firstMs >= 0 && batchLargestMs <= largestMs) {
      return this;
    }
    boolean larger = batchLargestMs > largestMs;
    return new SegmentTimes(
        firstMs >= 0 ? firstMs : batchLargestMs,
        larger ? batchLargestMs : largestMs,
        larger ? batchLastOffset : offsetOfLargest);
  }
}
