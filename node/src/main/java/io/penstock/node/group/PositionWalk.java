package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.offset.CommittedOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One walk through what the groups of a shard have committed. Each step goes on behind the
 * partition at which the one before it ended, also in the middle of a group, though offsets come
 * and go between them: what is committed all the while is found, and nothing twice. Who has what is
 * asked once of each group, when the walk comes to it, and counts as much as what is found: a group
 * may have committed little and own all partitions there are. On the shard's thread, step after
 * step.
 */
final class PositionWalk {

  /** About how many positions and owners a step gathers, but for one group's: milliseconds. */
  static final int STEP = 5_000;

  private final Iterator<String> groupIds;
  private @Nullable Place place;

  /** Through the groups that have committed something by now. */
  PositionWalk(ShardState state) {
    this.groupIds = List.copyOf(state.offsets().groupIds()).iterator();
  }

  /** The next positions, up to so many. */
  List<GroupPosition> step(ShardState state, int most) {
    List<GroupPosition> found = new ArrayList<>();
    int positionsMax = Math.min(STEP, most);
    long owned = 0;
    while (found.size() < positionsMax && found.size() + owned < STEP && hasMore()) {
      Place current = place;
      if (current == null) {
        current = new Place(state, groupIds.next());
        owned += current.owned();
      }
      place = current.gather(state, found, positionsMax) ? null : current;
    }
    return found;
  }

  /** Whether there may be more. */
  boolean hasMore() {
    return place != null || groupIds.hasNext();
  }

  /** Where the walk is in one group. */
  private static final class Place {
    private final String groupId;
    private final List<String> topics;
    private final Map<String, Map<Integer, String>> owners;
    private int topicsPassed;
    private int nextPartition;

    private Place(ShardState state, String groupId) {
      Collection<String> committed = state.offsets().of(groupId).keySet();
      Group group = committed.isEmpty() ? null : state.groups().peek(groupId);
      this.groupId = groupId;
      this.topics = List.copyOf(committed);
      this.owners = group == null ? Map.of() : group.owners();
    }

    /** Of how many partitions it is known who has them. */
    private long owned() {
      long owned = 0;
      for (Map<Integer, String> ofTopic : owners.values()) {
        owned += ofTopic.size();
      }
      return owned;
    }

    /** Adds what comes next until so many are found; whether that was all. */
    private boolean gather(ShardState state, List<GroupPosition> found, int most) {
      Map<String, ? extends SortedMap<Integer, CommittedOffset>> committed =
          state.offsets().of(groupId);
      while (topicsPassed < topics.size()) {
        String topic = topics.get(topicsPassed);
        SortedMap<Integer, CommittedOffset> partitions = committed.get(topic);
        if (partitions != null && !gather(topic, partitions, found, most)) {
          return false;
        }
        topicsPassed++;
        nextPartition = 0;
      }
      return true;
    }

    private boolean gather(
        String topic,
        SortedMap<Integer, CommittedOffset> partitions,
        List<GroupPosition> found,
        int most) {
      Map<Integer, String> ownersOfTopic = owners.getOrDefault(topic, Map.of());
      for (Map.Entry<Integer, CommittedOffset> each :
          partitions.tailMap(nextPartition).entrySet()) {
        int partition = each.getKey();
        if (found.size() >= most) {
          nextPartition = partition;
          return false;
        }
        found.add(
            GroupPosition.committed(
                groupId, topic, partition, each.getValue(), ownersOfTopic.get(partition)));
      }
      return true;
    }
  }
}
