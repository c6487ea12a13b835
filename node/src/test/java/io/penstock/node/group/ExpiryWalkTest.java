package io.penstock.node.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.node.group.offset.OffsetChange;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** A shard that is gone through without a log: what a step takes away is taken at once. */
final class ExpiryWalkTest {

  private static final long NOW_MS = 10_000_000;

  private final ShardState state = ShardState.empty();
  private int looks;
  private int removed;

  private void commit(String groupId, int partitions) {
    for (int partition = 0; partition < partitions; partition++) {
      state
          .offsets()
          .apply(
              new OffsetChange(
                  groupId,
                  "t" + partition % 2,
                  partition,
                  new CommittedOffset(null, 1, -1, "", 0, CommittedOffset.NO_EXPIRY)));
    }
  }

  /** Goes one step, as the shard would, and says whether there is more. */
  private boolean step(ExpiryWalk walk, Errors outcome) {
    looks = 0;
    List<Boolean> answers = new ArrayList<>();
    ShardEffects effects = new ShardEffects();
    walk.step(state, NOW_MS, answers::add, effects);
    removed = effects.offsets().size() + effects.removed().size();
    if (outcome == Errors.NONE) {
      effects.offsets().forEach(state.offsets()::apply);
      effects.removed().forEach(each -> state.groups().remove(each.id()));
    }
    effects.effects().stored().forEach(each -> each.ended(outcome, NOW_MS, effects.effects()));
    assertEquals(1, answers.size());
    return answers.getFirst();
  }

  private ExpiryWalk walk(boolean isOver) {
    return new ExpiryWalk((_, _, _, _) -> {
      looks++;
      return isOver;
    });
  }

  @Test
  void aStepLooksAtSoMuchAndTheNextOneBeginsBehindThat() {
    for (int group = 0; group < 100; group++) {
      commit("g" + group, 350);
    }
    ExpiryWalk walk = walk(false);

    int seen = 0;
    boolean more = true;
    while (more) {
      more = step(walk, Errors.NONE);
      assertTrue(looks < ExpiryWalk.LOOKS_MAX + 350, looks + " looks in one step");
      seen += looks;
    }

    assertEquals(35_000, seen);
  }

  @Test
  void aStepTakesSoMuchAwayAndNoneIsForgotten() {
    commit("few", 10);
    commit("many", 2 * ExpiryWalk.REMOVALS_MAX + 5);
    ExpiryWalk walk = walk(true);

    boolean more = true;
    while (more) {
      more = step(walk, Errors.NONE);
      assertTrue(removed <= ExpiryWalk.REMOVALS_MAX, removed + " removals in one step");
    }

    assertEquals(0, state.offsets().count());
  }

  @Test
  void groupsWithoutMembersAndOffsetsGoLast() {
    int groups = ExpiryWalk.REMOVALS_MAX + 1;
    for (int group = 0; group < groups; group++) {
      state.groups().put(new ClassicGroup("g" + group, ClassicSettings.standard(), 0));
    }
    commit("g0", 1);
    ExpiryWalk walk = walk(false);

    assertTrue(step(walk, Errors.NONE));
    assertEquals(ExpiryWalk.REMOVALS_MAX, removed);
    step(walk, Errors.NONE);

    assertEquals(1, state.groups().all().size());
    assertEquals(1, state.offsets().count());
  }

  @Test
  void aTopicIsAskedForOnceHoweverManyOffsetsThereAre() {
    commit("g", 500);
    AskedGroup group = new AskedGroup("g", "t0");
    state.groups().put(group);

    step(new ExpiryWalk((readers, topic, _, _) -> !readers.read(topic)), Errors.NONE);

    assertEquals(List.of("t0", "t1"), group.asked.stream().sorted().toList());
    assertEquals(250, removed);
  }

  @Test
  void whatTheLogDoesNotTakeEndsTheWalk() {
    commit("many", 3 * ExpiryWalk.REMOVALS_MAX);

    assertFalse(step(walk(true), Errors.NOT_COORDINATOR));
  }
}
