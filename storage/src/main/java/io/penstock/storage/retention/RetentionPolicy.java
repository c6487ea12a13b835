package io.penstock.storage.retention;

import java.util.List;

/**
 * Which segments may be deleted, oldest first, by Kafka's rules: whole segments only, none that
 * reaches over the high watermark, and none behind one that stays. -1 means without limit.
 */
public record RetentionPolicy(long retentionMs, long retentionBytes) {
  public static final long UNLIMITED = -1;

  /** Deletes only what lies before the log start offset. */
  public static final RetentionPolicy KEEP_ALL = new RetentionPolicy(UNLIMITED, UNLIMITED);

  /** How many of the segments, which are in order, may go. */
  public int expired(
      List<SegmentAge> segments, long logStartOffset, long highWatermark, long nowMs) {
    long bytesOver = bytesOver(segments);
    int count = 0;
    for (SegmentAge segment : segments) {
      boolean committed = segment.nextOffset() <= highWatermark;
      boolean outOfSight = segment.nextOffset() <= logStartOffset;
      boolean tooOld =
          retentionMs != UNLIMITED && nowMs - segment.largestTimestampMs() > retentionMs;
      boolean tooMuch = retentionBytes != UNLIMITED && bytesOver >= segment.sizeBytes();
      if (!committed || !(outOfSight || tooOld || tooMuch)) {
        break;
      }
      bytesOver -= segment.sizeBytes();
      count++;
    }
    return count;
  }

  private long bytesOver(List<SegmentAge> segments) {
    if (retentionBytes == UNLIMITED) {
      return 0;
    }
    return segments.stream().mapToLong(SegmentAge::sizeBytes).sum() - retentionBytes;
  }
}
