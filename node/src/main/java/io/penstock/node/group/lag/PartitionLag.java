package io.penstock.node.group.lag;

import io.penstock.node.group.GroupPosition;

/**
 * How far a group was behind in a partition when that was looked at.
 *
 * @param progress of the partition; unknown where its leader could not be asked
 * @param seenMs when that was
 */
public record PartitionLag(GroupPosition position, Progress progress, long seenMs) {

  /** Where it is not known how far the group is behind. */
  public static final long UNKNOWN = -1;

  /** How many records the group had not consumed, or {@link #UNKNOWN}. */
  public long records() {
    return progress.isKnown() ? progress.recordsBehind(position.offset()) : UNKNOWN;
  }

  /** How old the first of these was, 0 where there was none, or {@link #UNKNOWN}. */
  public long ms() {
    if (records() <= 0) {
      return records();
    }
    return progress.firstUnreadMs() < 0 ? UNKNOWN : Math.max(0, seenMs - progress.firstUnreadMs());
  }

  /** The offset behind the last record that consumers may read, or {@link #UNKNOWN}. */
  public long endOffset() {
    return progress.isKnown() ? progress.end() : UNKNOWN;
  }

  /**
   * The same partition for a group that has gone on meanwhile: how old the first unread record is
   * must be found out anew.
   */
  public PartitionLag at(GroupPosition now) {
    return now.offset() == position.offset()
        ? new PartitionLag(now, progress, seenMs)
        : new PartitionLag(now, progress.withoutTime(), seenMs);
  }

  /** Whether the time of the first unread record is known, and it is still that one. */
  boolean knowsTimeOf(long firstUnread) {
    return progress.firstUnreadMs() >= 0 && progress.firstUnread(position.offset()) == firstUnread;
  }
}
