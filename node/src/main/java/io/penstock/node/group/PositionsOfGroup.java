package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.offset.CommittedOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
  private final int most;
  private final List<GroupPosition> positions = new ArrayList<>();
  private int leftOut;

  private PositionsOfGroup(ShardState state, String groupId, int most) {
    Group group = state.groups().peek(groupId);
    this.groupId = groupId;
    this.committed = state.offsets().of(groupId);
    this.owners = group == null ? Map.of() : group.owners();
    this.most = most;
  }

  /** Up to so many, those first of which something was committed. */
  static PositionsOfGroup gather(ShardState state, String groupId, int most) {
    PositionsOfGroup gathered = new PositionsOfGroup(state, groupId, most);
    gathered.addCommitted();
    gathered.addUncommitted();
    return gathered;
  }

  List<GroupPosition> positions() {
    return positions;
  }

  /** How many there are besides. */
  int leftOut() {
    return leftOut;
  }

  private void addCommitted() {
    committed.forEach((topic, partitions) -> {
      Map<Integer, String> ownersOfTopic = owners.getOrDefault(topic, Map.of());
      int left = partitions.size();
      for (Map.Entry<Integer, CommittedOffset> each : partitions.entrySet()) {
        if (positions.size() >= most) {
          break;
        }
        int partition = each.getKey();
        positions.add(
            GroupPosition.committed(
                groupId, topic, partition, each.getValue(), ownersOfTopic.get(partition)));
        left--;
      }
      leftOut += left;
    });
  }

  private void addUncommitted() {
    owners.forEach((topic, partitions) -> {
      Map<Integer, CommittedOffset> ofTopic = committed.get(topic);
      partitions.forEach((partition, memberId) -> {
        if (ofTopic != null && ofTopic.containsKey(partition)) {
          return;
        }
        if (positions.size() < most) {
          positions.add(GroupPosition.uncommitted(groupId, topic, partition, memberId));
        } else {
          leftOut++;
        }
      });
    });
  }
}
