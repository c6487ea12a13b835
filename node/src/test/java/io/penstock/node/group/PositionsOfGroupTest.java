package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    PositionsOfGroup gathered = PositionsOfGroup.gather(state, GROUP, 10);

    assertEquals(10, gathered.positions().size());
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
    assertTrue(
        all.positions().stream().allMatch(each -> AskedGroup.MEMBER.equals(each.memberId())));
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
    group.own(topic, partitions);
    assertTrue(state.groups().put(group));
  }

  private void commit(String topic, int partitions) {
    Commits.apply(state, GROUP, topic, partitions);
  }
}
