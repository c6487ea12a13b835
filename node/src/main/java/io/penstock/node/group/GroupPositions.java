package io.penstock.node.group;

import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads how far the groups of this node have come, in steps between which their shards do other
 * things. For a thread that may wait.
 */
public final class GroupPositions {

  private static final Logger LOG = LoggerFactory.getLogger(GroupPositions.class);

  /** About how many positions are read at a time: some milliseconds. */
  private static final int STEP = 5_000;

  private static final long STEP_SECONDS_MAX = 10;

  private final GroupShards shards;

  public GroupPositions(GroupShards shards) {
    this.shards = shards;
  }

  /**
   * What was found.
   *
   * @param leftOut how many positions there are besides, at least
   */
  public record Found(List<GroupPosition> positions, long leftOut) {}

  /** What one step found, and with which group the next one begins. */
  private record Step(List<GroupPosition> positions, int next) {}

  /** Up to so many positions of groups that this node coordinates, all of them committed. */
  public Found read(int max) throws InterruptedException {
    List<GroupPosition> positions = new ArrayList<>();
    long all = 0;
    for (GroupShard shard : shards.all()) {
      try {
        all += read(shard, max, positions);
      } catch (ExecutionException | TimeoutException moved) {
        LOG.debug("Positions of groups cannot be read now: partition={}", shard.log().id(), moved);
      }
    }
    return new Found(positions, Math.max(0, all - positions.size()));
  }

  private static long read(GroupShard shard, int max, List<GroupPosition> positions)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<String> groupIds =
        await(
            GroupShards.<List<String>>submit(
                shard,
                (state, _, reply, effects) ->
                    effects.effects().answer(reply, List.copyOf(state.offsets().groupIds()))));
    long all =
        await(
            GroupShards.<Integer>submit(
                shard,
                (state, _, reply, effects) ->
                    effects.effects().answer(reply, state.offsets().count())));
    for (int next = 0; next < groupIds.size() && positions.size() < max; ) {
      int from = next;
      int most = Math.min(STEP, max - positions.size());
      Step step =
          await(
              GroupShards.<Step>submit(
                  shard,
                  (state, _, reply, effects) -> step(state, groupIds, from, most, reply, effects)));
      positions.addAll(step.positions());
      next = step.next();
    }
    return all;
  }

  private static <T> T await(CompletableFuture<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(STEP_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static void step(
      ShardState state,
      List<String> groupIds,
      int from,
      int most,
      Reply<Step> reply,
      ShardEffects effects) {
    List<GroupPosition> positions = new ArrayList<>();
    int next = from;
    while (next < groupIds.size() && positions.size() < most) {
      // Of a group that is larger than that, the rest is left out.
      var _ = new PositionsOfGroup(state, groupIds.get(next), positions, most).addCommitted();
      next++;
    }
    Step step = new Step(List.copyOf(positions), next);
    effects.effects().answerWhenStored(reply, step, _ -> new Step(List.of(), groupIds.size()));
  }
}
