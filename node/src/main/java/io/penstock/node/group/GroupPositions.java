package io.penstock.node.group;

import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads how far the groups of this node have come, in steps between which their shards do other
 * things. For a thread that may wait.
 */
public final class GroupPositions {

  private static final Logger LOG = LoggerFactory.getLogger(GroupPositions.class);

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

  /**
   * A shard as it is when the reading of it begins.
   *
   * @param walk null where no more positions are wanted
   * @param committed how many there are
   */
  private record Begun(@Nullable PositionWalk walk, int committed) {}

  /** What one step found, and whether there may be more. */
  private record Step(List<GroupPosition> positions, boolean hasMore) {}

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
    boolean wanted = positions.size() < max;
    Begun begun =
        await(
            GroupShards.<Begun>submit(
                shard,
                (state, _, reply, effects) ->
                    effects.effects().answer(reply, begin(state, wanted))));
    PositionWalk walk = begun.walk();
    if (walk != null) {
      gather(shard, walk, max, positions);
    }
    return begun.committed();
  }

  private static Begun begin(ShardState state, boolean wanted) {
    return new Begun(wanted ? new PositionWalk(state) : null, state.offsets().count());
  }

  private static void gather(
      GroupShard shard, PositionWalk walk, int max, List<GroupPosition> positions)
      throws InterruptedException, ExecutionException, TimeoutException {
    boolean hasMore = true;
    while (hasMore && positions.size() < max) {
      int most = max - positions.size();
      Step step =
          await(
              GroupShards.<Step>submit(
                  shard, (state, _, reply, effects) -> step(walk, state, most, reply, effects)));
      positions.addAll(step.positions());
      hasMore = step.hasMore();
    }
  }

  private static <T> T await(CompletableFuture<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(STEP_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static void step(
      PositionWalk walk, ShardState state, int most, Reply<Step> reply, ShardEffects effects) {
    List<GroupPosition> positions = walk.step(state, most);
    Step step = new Step(positions, walk.hasMore());
    effects.effects().answerWhenStored(reply, step, _ -> new Step(List.of(), false));
  }
}
