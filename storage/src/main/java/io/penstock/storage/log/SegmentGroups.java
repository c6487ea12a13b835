package io.penstock.storage.log;

import java.util.ArrayList;
import java.util.List;

/**
 * Which segments a cleaning makes one of: neighbours that together are no larger than a segment may
 * be, so that what earlier cleanings have left does not pile up. Pure.
 */
final class SegmentGroups {
  /** Batches may grow by some bytes when tombstones in them get their time. */
  private static final long BYTES_MAX = 3L << 29;

  private SegmentGroups() {}

  /** The segments that begin below an offset, but for the active one, in groups and in order. */
  static List<List<LogSegment>> of(Segments segments, long end, int segmentBytes) {
    List<List<LogSegment>> groups = new ArrayList<>();
    List<LogSegment> group = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; i + 1 < segments.count(); i++) {
      LogSegment segment = segments.at(i);
      if (segment.baseOffset() >= end) {
        break;
      }
      long last = segments.at(i + 1).baseOffset() - 1;
      boolean fits =
          !group.isEmpty()
              && bytes + segment.sizeBytes() <= Math.min(segmentBytes, BYTES_MAX)
              && last - group.getFirst().baseOffset() <= Integer.MAX_VALUE;
      if (!fits && !group.isEmpty()) {
        groups.add(List.copyOf(group));
        group.clear();
        bytes = 0;
      }
      group.add(segment);
      bytes += segment.sizeBytes();
    }
    if (!group.isEmpty()) {
      groups.add(List.copyOf(group));
    }
    return groups;
  }
}
