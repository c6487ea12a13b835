package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.offset.OffsetChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where the steps of a walk end, and what they find together. */
class PositionWalkTest {

  private static final int STEP = PositionWalk.STEP;
  private static final int ANY = 1_000_000;

  private final ShardState state = ShardState.empty();

  @Test
  void goesOnInTheMiddleOfAGroup() {
    commit("g", "a", STEP);
    commit("g", "b", STEP);
    commit("g", "c", STEP / 2);
    PositionWalk walk = new PositionWalk(state);

    List<GroupPosition> found = allOf(walk);

    assertEquals(2 * STEP + STEP / 2, found.size());
    assertEquals(found.size(), names(found).size());
  }

  @Test
  void aStepFindsNoMoreThanItIsAskedFor() {
    commit("g", "a", 7);
    commit("h", "a", 7);
    PositionWalk walk = new PositionWalk(state);

    assertEquals(10, walk.step(state, 10).size());
    assertTrue(walk.hasMore());
    assertEquals(4, walk.step(state, 10).size());
    assertFalse(walk.hasMore());
  }

  @Test
  void whatGroupsHaveCountsThoughTheyHaveCommittedLittle() {
    for (String groupId : List.of("g", "h", "i")) {
      commit(groupId, "a", 1);
      own(new AskedGroup(groupId), "a", STEP);
    }
    PositionWalk walk = new PositionWalk(state);

    List<Integer> steps = new ArrayList<>();
    while (walk.hasMore()) {
      steps.add(walk.step(state, ANY).size());
    }

    assertEquals(List.of(1, 1, 1), steps);
  }

  @Test
  void asksALargeGroupOnceWhoHasWhat() {
    AskedGroup group = new AskedGroup("g");
    commit("g", "a", 2 * STEP + 1);
    own(group, "a", 2 * STEP + 1);

    List<GroupPosition> found = allOf(new PositionWalk(state));

    assertEquals(1, group.ownersAsked);
    assertEquals(2 * STEP + 1, found.size());
    assertTrue(found.stream().allMatch(each -> AskedGroup.MEMBER.equals(each.memberId())));
  }

  @Test
  void findsNothingTwiceAndWhatStaysThoughOffsetsComeAndGo() {
    for (int i = 0; i < 10; i++) {
      commit("g", "t" + i, STEP / 3);
    }
    Set<String> atFirst = names(allOf(new PositionWalk(state)));
    PositionWalk walk = new PositionWalk(state);

    List<GroupPosition> found = new ArrayList<>(walk.step(state, ANY));
    Set<String> gone = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      state.offsets().apply(new OffsetChange("g", "t" + i, i, null));
      gone.add("g t" + i + " " + i);
      commit("g", "later" + i, STEP / 3);
    }
    found.addAll(allOf(walk));

    Set<String> names = names(found);
    assertEquals(found.size(), names.size());
    atFirst.removeAll(gone);
    assertTrue(names.containsAll(atFirst));
  }

  @Test
  void passesByAGroupThatHasGoneSinceTheWalkBegan() {
    commit("g", "a", 1);
    commit("h", "a", 1);
    PositionWalk walk = new PositionWalk(state);
    state.offsets().apply(new OffsetChange("g", "a", 0, null));

    assertEquals(Set.of("h a 0"), names(allOf(walk)));
  }

  private List<GroupPosition> allOf(PositionWalk walk) {
    List<GroupPosition> found = new ArrayList<>();
    while (walk.hasMore()) {
      List<GroupPosition> step = walk.step(state, ANY);
      assertTrue(step.size() <= STEP, () -> step.size() + " in one step");
      found.addAll(step);
    }
    return found;
  }

  private static Set<String> names(List<GroupPosition> positions) {
    Set<String> names = new HashSet<>();
    for (GroupPosition each : positions) {
      names.add(each.groupId() + " " + each.topic() + " " + each.partition());
    }
    return names;
  }

  /** Has a member of the group have so many partitions of the topic. */
  private void own(AskedGroup group, String topic, int partitions) {
    group.own(topic, partitions);
    assertTrue(state.groups().put(group));
  }

  private void commit(String groupId, String topic, int partitions) {
    Commits.apply(state, groupId, topic, partitions);
  }
}
