package io.penstock.node.group.lag;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How far one group was behind, by topic and partition in this order. Immutable. */
public record GroupLag(String groupId, List<PartitionLag> partitions) {

  public GroupLag {
    partitions = List.copyOf(partitions);
  }

  /** Of all partitions of which that is known, or unknown of all. */
  public long records() {
    return partitions.stream()
        .mapToLong(PartitionLag::records)
        .filter(records -> records >= 0)
        .reduce(Long::sum)
        .orElse(PartitionLag.UNKNOWN);
  }

  /** Of the partition that is most behind, or unknown of all. */
  public long ms() {
    return partitions.stream().mapToLong(PartitionLag::ms).max().orElse(PartitionLag.UNKNOWN);
  }

  /** What of it is each member's; partitions that nobody has are left out. */
  public Map<String, GroupLag> byMember() {
    Map<String, List<PartitionLag>> members = new HashMap<>();
    for (PartitionLag each : partitions) {
      String member = each.position().memberId();
      if (member != null) {
        members.computeIfAbsent(member, _ -> new ArrayList<>()).add(each);
      }
    }
    Map<String, GroupLag> lags = new TreeMap<>();
    members.forEach((member, lag) -> lags.put(member, new GroupLag(groupId, lag)));
    return lags;
  }
}
