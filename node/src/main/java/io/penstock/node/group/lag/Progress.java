package io.penstock.node.group.lag;

import java.util.UUID;

/**
 * How far a partition has come, as its leader knows it.
 *
 * @param start the first offset that there is; -1 where nothing is known
 * @param end the offset behind the last record that consumers may read
 * @param firstUnreadMs the timestamp of the first record that was asked for; -1 where there is
 *     none, it was not asked for, or its producer gave it none
 */
record Progress(long start, long end, long firstUnreadMs) {

  /** Where the leader cannot be asked, or leads no more. */
  static final Progress UNKNOWN = new Progress(-1, -1, -1);

  /**
   * What is asked of a partition.
   *
   * @param offset from which on records are not consumed
   * @param withTime whether the timestamp of the first of them is wanted
   */
  record Question(UUID topicId, int partition, long offset, boolean withTime) {}

  boolean isKnown() {
    return end >= 0;
  }

  /** The first record that is not consumed and still there, if there is one. */
  long firstUnread(long offset) {
    return Math.max(offset, start);
  }

  /** How many records are not consumed; those that are gone are counted no more. */
  long recordsBehind(long offset) {
    return Math.max(0, end - firstUnread(offset));
  }

  /** The same, but that it is not known how old the first unread record is. */
  Progress withoutTime() {
    return new Progress(start, end, -1);
  }
}
