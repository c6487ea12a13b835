package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.node.group.offset.OffsetChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What one look at a group gathers on its shard's thread, and what it counts. */
class PositionsOfGroupTest {

  private static final String GROUP = "g";

  private final ShardState state = ShardState.empty();
  private final AskedGroup group = new AskedGroup(GROUP);

  @Test
  void noMoreAreGatheredThanAreToldOfAndTheRestIsCounted() {
    commit("a", 7);
    commit("b", 7);
    List<GroupPosition> found = new ArrayList<>();

    PositionsOfGroup gathered = new PositionsOfGroup(state, GROUP, found, 10).addCommitted();

    assertEquals(10, found.size());
    assertEquals(4, gathered.leftOut());
  }

  @Test
  void whatWasFoundBeforeCountsToo() {
    commit("a", 7);
    List<GroupPosition> found = new ArrayList<>();
    var _ = new PositionsOfGroup(state, GROUP, found, 10).addCommitted();

    PositionsOfGroup gathered = new PositionsOfGroup(state, GROUP, found, 10).addCommitted();

    assertEquals(10, found.size());
    assertEquals(4, gathered.leftOut());
  }

  @Test
  void whatMembersHaveIsToldOfOnceWhetherItIsCommittedOrNot() {
    commit("a", 3);
    own("a", 5);
    own("b", 2);

    GroupView all = GroupViews.view(state, GROUP, 100);

    assertEquals(0, all.positionsLeftOut());
    Map<String, Long> offsets =
        all.positions().stream()
            .collect(
                Collectors.toMap(each -> each.topic() + each.partition(), GroupPosition::offset));
    assertEquals(
        Map.of("a0", 100L, "a1", 101L, "a2", 102L, "a3", -1L, "a4", -1L, "b0", -1L, "b1", -1L),
        offsets);
    assertTrue(all.positions().stream().allMatch(each -> "member".equals(each.memberId())));
  }

  @Test
  void whatMembersHaveIsLeftOutToo() {
    commit("a", 3);
    own("a", 5);

    GroupView some = GroupViews.view(state, GROUP, 4);

    assertEquals(4, some.positions().size());
    assertEquals(1, some.positionsLeftOut());
    assertEquals(3, GroupViews.view(state, GROUP, 2).positionsLeftOut());
  }

  /** Has a member of the group have so many partitions of the topic. */
  private void own(String topic, int partitions) {
    for (int i = 0; i < partitions; i++) {
      group.owners.computeIfAbsent(topic, _ -> new HashMap<>()).put(i, "member");
    }
    assertTrue(state.groups().put(group));
  }

  private void commit(String topic, int partitions) {
    for (int i = 0; i < partitions; i++) {
      CommittedOffset committed =
          new CommittedOffset(null, 100 + i, -1, "", 0, CommittedOffset.NO_EXPIRY);
      state.offsets().apply(new OffsetChange(GROUP, topic, i, committed));
    }
  }
}
