package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.Reply;
import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.node.group.offset.OffsetChange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One walk through all that a shard holds, for what nobody needs any more. Each step begins where
 * the one before it ended, and looks at so much and takes away so much, or at one group where that
 * has more. On the shard's thread, step after step.
 */
final class ExpiryWalk {

  /** How many offsets a step looks at, and how many groups and offsets it takes away. */
  static final int LOOKS_MAX = 10_000;

  static final int REMOVALS_MAX = 1_000;

  /** How long a group may have neither members nor offsets. */
  private static final long EMPTY_MS = TimeUnit.MINUTES.toMillis(10);

  /** Says of an offset whether it goes. */
  @FunctionalInterface
  interface Rule {
    boolean isOver(Readers readers, String topic, CommittedOffset committed, long nowMs);
  }

  /** Those who may read by the offsets of one name; a topic is asked for once in a step. */
  static final class Readers {

    private final @Nullable Group group;
    private final Map<String, Boolean> topics = new HashMap<>();

    private Readers(@Nullable Group group) {
      this.group = group;
    }

    /** Whether a member reads the topic; members may have to be asked one by one. */
    boolean read(String topic) {
      Group members = group;
      return members != null
          && !members.isEmpty()
          && topics.computeIfAbsent(topic, members::isSubscribedTo);
    }

    /** Since when there is nobody, as far as that is known. */
    long goneSinceMs() {
      return group != null && group.isEmpty() ? group.stateTimestampMs() : Long.MIN_VALUE;
    }
  }

  private final Rule rule;
  private @Nullable Deque<String> names;

  ExpiryWalk(Rule rule) {
    this.rule = rule;
  }

  /** Tells whether there is more; not so where the log does not take this. */
  void step(ShardState state, long nowMs, Reply<Boolean> reply, ShardEffects effects) {
    Deque<String> left = names;
    if (left == null) {
      left = new ArrayDeque<>(state.offsets().groupIds());
      names = left;
    }
    effects.change(removals(left, state, nowMs));
    boolean more = !left.isEmpty() || removeEmptyGroups(state, nowMs, effects);
    effects.effects().answerWhenStored(reply, more, _ -> false);
  }

  private List<OffsetChange> removals(Deque<String> left, ShardState state, long nowMs) {
    List<OffsetChange> removals = new ArrayList<>();
    int[] looks = {0};
    while (!left.isEmpty() && looks[0] < LOOKS_MAX && removals.size() < REMOVALS_MAX) {
      String groupId = left.element();
      Readers readers = new Readers(state.groups().peek(groupId));
      removals.addAll(
          state
              .offsets()
              .removals(
                  groupId,
                  (topic, _, committed) -> {
                    looks[0]++;
                    return rule.isOver(readers, topic, committed, nowMs);
                  }));
      if (removals.size() > REMOVALS_MAX) {
        return removals.subList(0, REMOVALS_MAX); // the next step begins with this group
      }
      left.remove();
    }
    return removals;
  }

  private static boolean removeEmptyGroups(ShardState state, long nowMs, ShardEffects effects) {
    int removed = 0;
    for (Group group : state.groups().all()) {
      if (removed < REMOVALS_MAX
          && group.isEmpty()
          && !state.offsets().has(group.id())
          && nowMs - group.stateTimestampMs() > EMPTY_MS) {
        effects.remove(group);
        removed++;
      }
    }
    return removed == REMOVALS_MAX;
  }
}
