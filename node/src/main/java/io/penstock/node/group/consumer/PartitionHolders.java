package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Who has each partition, be it that it reads it or that it has not given it back yet. */
final class PartitionHolders {

  private final Map<UUID, @Nullable String[]> holders = new HashMap<>();

  void take(String memberId, MemberTarget partitions) {
    partitions
        .topics()
        .forEach((topic, set) -> {
          @Nullable String[] of = roomFor(topic, set.get(set.size() - 1));
          set.stream().forEach(partition -> of[partition] = memberId);
        });
  }

  private @Nullable String[] roomFor(UUID topic, int partition) {
    @Nullable String[] of = holders.get(topic);
    if (of == null || of.length <= partition) {
      of = of == null ? new String[partition + 1] : Arrays.copyOf(of, partition + 1);
      holders.put(topic, of);
    }
    return of;
  }

  /** What somebody else has taken meanwhile stays with that one. */
  void release(String memberId, MemberTarget partitions) {
    partitions
        .topics()
        .forEach((topic, set) -> {
          @Nullable String[] of = holders.get(topic);
          if (of == null) {
            return;
          }
          set.stream()
              .filter(partition -> memberId.equals(of[partition]))
              .forEach(partition -> of[partition] = null);
          if (Arrays.stream(of).allMatch(holder -> holder == null)) {
            holders.remove(topic);
          }
        });
  }

  /** The one who has the partition, or null. */
  @Nullable String of(UUID topic, int partition) {
    @Nullable String[] of = holders.get(topic);
    return of == null || partition >= of.length ? null : of[partition];
  }

  /** Those of the partitions that nobody else has. */
  MemberTarget freeFor(String memberId, MemberTarget wanted) {
    Map<UUID, PartitionSet> free = new HashMap<>();
    wanted
        .topics()
        .forEach((topic, set) ->
            free.put(
                topic,
                PartitionSet.of(
                    set.stream()
                        .filter(partition -> {
                          String holder = of(topic, partition);
                          return holder == null || holder.equals(memberId);
                        })
                        .toArray())));
    return new MemberTarget(free);
  }
}
