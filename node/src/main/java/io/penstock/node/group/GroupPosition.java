package io.penstock.node.group;

import io.penstock.node.group.offset.CommittedOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far a group has come in a partition, by what it has committed, or that a member of it has
 * that partition.
 *
 * @param topicId of the topic that it was committed for; null where that was not written down
 * @param offset of the first record that the group has not consumed; {@link #NO_OFFSET} where
 *     nothing was committed
 * @param memberId who has the partition now; null where nobody has it or that cannot be seen
 */
public record GroupPosition(
    String groupId,
    String topic,
    @Nullable UUID topicId,
    int partition,
    long offset,
    @Nullable String memberId) {

  /** Of a partition that a member has and of which nothing was committed. */
  public static final long NO_OFFSET = -1;

  /** Of what was committed there. */
  static GroupPosition committed(
      String groupId, String topic, int partition, CommittedOffset at, @Nullable String memberId) {
    return new GroupPosition(groupId, topic, at.topicId(), partition, at.offset(), memberId);
  }

  /** Of what a member has and nothing was committed of. */
  static GroupPosition uncommitted(String groupId, String topic, int partition, String memberId) {
    return new GroupPosition(groupId, topic, null, partition, NO_OFFSET, memberId);
  }

  /** Whether it was committed for this topic, as far as can be said. */
  public boolean isOf(UUID topic) {
    return topicId == null || topicId.equals(topic);
  }
}
