package io.penstock.node.group.lag;

import io.penstock.node.group.GroupPosition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was found when lags were last looked at. Immutable. */
public final class LagTable {

  public static final LagTable EMPTY = new LagTable(List.of(), 0);

  private static final Comparator<PartitionLag> ORDER =
      Comparator.<PartitionLag, String>comparing(lag -> lag.position().topic())
          .thenComparingInt(lag -> lag.position().partition());

  private record Key(String groupId, String topic, int partition) {}

  private final Map<String, GroupLag> groups = new TreeMap<>();
  private final Map<Key, PartitionLag> partitions = new HashMap<>();
  private final long leftOut;

  LagTable(List<PartitionLag> lags, long leftOut) {
    this.leftOut = leftOut;
    Map<String, List<PartitionLag>> byGroup = new HashMap<>();
    for (PartitionLag lag : lags) {
      GroupPosition position = lag.position();
      byGroup.computeIfAbsent(position.groupId(), _ -> new ArrayList<>()).add(lag);
      partitions.put(new Key(position.groupId(), position.topic(), position.partition()), lag);
    }
    byGroup.forEach((groupId, ofGroup) -> {
      ofGroup.sort(ORDER);
      groups.put(groupId, new GroupLag(groupId, ofGroup));
    });
  }

  /** The groups that this node coordinates and that have committed something, by name. */
  public Collection<GroupLag> groups() {
    return groups.values();
  }

  /** One of them, or null. */
  public @Nullable GroupLag find(String groupId) {
    return groups.get(groupId);
  }

  /** One partition as one group sees it, or null. */
  public @Nullable PartitionLag find(String groupId, String topic, int partition) {
    return partitions.get(new Key(groupId, topic, partition));
  }

  /** How many partitions of groups were not looked at, because there are too many. */
  public long leftOut() {
    return leftOut;
  }
}
