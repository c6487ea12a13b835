package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.offset.CommittedOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the positions of one group, in no order, until there are so many; the rest is counted
 * only. A group may have committed millions of offsets, and while they are gathered nothing else
 * happens in its shard. Who has what is asked for as a whole: for one group at a time, not for all
 * of a shard, as {@link PositionWalk} is. On the shard's thread only.
 */
final class PositionsOfGroup {

  private final String groupId;
  private final Map<String, ? extends Map<Integer, CommittedOffset>> committed;
  private final Map<String, Map<Integer, String>> owners;
  private final List<GroupPosition> found;
  private final int most;
  private int leftOut;

  /** Of this group, added to what was found before, up to so many with that. */
  PositionsOfGroup(ShardState state, String groupId, List<GroupPosition> found, int most) {
    Group group = state.groups().peek(groupId);
    this.groupId = groupId;
    this.committed = state.offsets().of(groupId);
    this.owners = group == null ? Map.of() : group.owners();
    this.found = found;
    this.most = most;
  }

  /** Adds what was committed, and who has it. */
  PositionsOfGroup addCommitted() {
    committed.forEach((topic, partitions) -> {
      Map<Integer, String> ownersOfTopic = owners.getOrDefault(topic, Map.of());
      int left = partitions.size();
      for (Map.Entry<Integer, CommittedOffset> each : partitions.entrySet()) {
        if (found.size() >= most) {
          break;
        }
        CommittedOffset at = each.getValue();
        add(topic, at, each.getKey(), ownersOfTopic.get(each.getKey()));
        left--;
      }
      leftOut += left;
    });
    return this;
  }

  /** Adds what members have and of which nothing was committed. */
  PositionsOfGroup addUncommitted() {
    owners.forEach((topic, partitions) -> {
      Map<Integer, CommittedOffset> ofTopic = committed.get(topic);
      partitions.forEach((partition, memberId) -> {
        if (ofTopic != null && ofTopic.containsKey(partition)) {
          return;
        }
        if (found.size() < most) {
          add(topic, null, partition, memberId);
        } else {
          leftOut++;
        }
      });
    });
    return this;
  }

  /** How many there were besides. */
  int leftOut() {
    return leftOut;
  }

  private void add(
      String topic, @Nullable CommittedOffset at, int partition, @Nullable String memberId) {
    found.add(
        new GroupPosition(
            groupId,
            topic,
            at == null ? null : at.topicId(),
            partition,
            at == null ? GroupView.NO_OFFSET : at.offset(),
            memberId));
  }
}
