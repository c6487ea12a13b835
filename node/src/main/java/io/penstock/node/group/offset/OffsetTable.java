package io.penstock.node.group.offset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All offsets that the groups of one shard have committed. It is changed as the log says, in the
 * log's order, by one thread at a time.
 */
public final class OffsetTable {

  /** Says whether an offset is meant. */
  @FunctionalInterface
  public interface Choice {
    boolean isMeant(String topic, int partition, CommittedOffset committed);
  }

  /** About what an offset takes besides what is written beside it. */
  private static final int OFFSET_BYTES = 200;

  private static final int NAME_BYTES = 250;

  private final Map<String, Map<String, TreeMap<Integer, CommittedOffset>>> groups =
      new HashMap<>();
  private int count;
  private long bytes;

  /** About what all of it takes of the heap. */
  public long bytes() {
    return bytes;
  }

  /** How many offsets there are. */
  public int count() {
    return count;
  }

  public Set<String> groupIds() {
    return groups.keySet();
  }

  public boolean has(String groupId) {
    return groups.containsKey(groupId);
  }

  public @Nullable CommittedOffset find(String groupId, String topic, int partition) {
    var topics = groups.get(groupId);
    var partitions = topics == null ? null : topics.get(topic);
    return partitions == null ? null : partitions.get(partition);
  }

  /** What a group has committed, by topic and ascending partition; empty where it has nothing. */
  public Map<String, ? extends SortedMap<Integer, CommittedOffset>> of(String groupId) {
    var topics = groups.get(groupId);
    return topics == null ? Map.of() : topics;
  }

  /** The changes that take away what is meant of a group. */
  public List<OffsetChange> removals(String groupId, Choice choice) {
    List<OffsetChange> removals = new ArrayList<>();
    of(groupId)
        .forEach((topic, partitions) ->
            partitions.forEach((partition, committed) -> {
              if (choice.isMeant(topic, partition, committed)) {
                removals.add(new OffsetChange(groupId, topic, partition, null));
              }
            }));
    return removals;
  }

  public void apply(OffsetChange change) {
    CommittedOffset committed = change.committed();
    if (committed == null) {
      remove(change);
      return;
    }
    var topics = groups.get(change.groupId());
    if (topics == null) {
      topics = new HashMap<>();
      groups.put(change.groupId(), topics);
      bytes += bytes(change.groupId());
    }
    var partitions = topics.get(change.topic());
    if (partitions == null) {
      partitions = new TreeMap<>();
      topics.put(change.topic(), partitions);
      bytes += bytes(change.topic());
    }
    CommittedOffset before = partitions.put(change.partition(), committed);
    bytes += bytes(committed);
    if (before == null) {
      count++;
    } else {
      bytes -= bytes(before);
    }
  }

  /** A name and the map behind it. */
  private static long bytes(String name) {
    return NAME_BYTES + 2L * name.length();
  }

  private static long bytes(CommittedOffset committed) {
    return OFFSET_BYTES + 2L * committed.metadata().length();
  }

  private void remove(OffsetChange change) {
    var topics = groups.get(change.groupId());
    var partitions = topics == null ? null : topics.get(change.topic());
    CommittedOffset removed = partitions == null ? null : partitions.remove(change.partition());
    if (topics == null || partitions == null || removed == null) {
      return;
    }
    count--;
    bytes -= bytes(removed);
    if (partitions.isEmpty()) {
      topics.remove(change.topic());
      bytes -= bytes(change.topic());
    }
    if (topics.isEmpty()) {
      groups.remove(change.groupId());
      bytes -= bytes(change.groupId());
    }
  }
}
