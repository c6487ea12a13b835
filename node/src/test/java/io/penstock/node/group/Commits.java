package io.penstock.node.group;

import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.node.group.offset.OffsetChange;

/** What groups have committed, as if their log had said so. */
final class Commits {

  private static final long FIRST_OFFSET = 100;

  private Commits() {}

  /** Of so many partitions of the topic, with offsets that go up by one. */
  static void apply(ShardState state, String groupId, String topic, int partitions) {
    for (int i = 0; i < partitions; i++) {
      CommittedOffset committed =
          new CommittedOffset(null, FIRST_OFFSET + i, -1, "", 0, CommittedOffset.NO_EXPIRY);
      state.offsets().apply(new OffsetChange(groupId, topic, i, committed));
    }
  }
}
