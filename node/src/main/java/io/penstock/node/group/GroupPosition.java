package io.penstock.node.group;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far a group has come in a partition, by what it has committed.
 *
 * @param topicId of the topic that it was committed for; null where that was not written down
 * @param offset of the first record that the group has not consumed
 * @param memberId who has the partition now; null where nobody has it or that cannot be seen
 */
public record GroupPosition(
    String groupId,
    String topic,
    @Nullable UUID topicId,
    int partition,
    long offset,
    @Nullable String memberId) {

  /** Whether it was committed for this topic, as far as can be said. */
  public boolean isOf(UUID topic) {
    return topicId == null || topicId.equals(topic);
  }
}
