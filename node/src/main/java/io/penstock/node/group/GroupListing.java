package io.penstock.node.group;

import io.penstock.node.group.GroupView.Summary;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import org.apache.kafka.common.protocol.Errors;

/** Lists the groups whose coordinator this node is. Any thread. */
public final class GroupListing {

  private final GroupShards shards;

  public GroupListing(GroupShards shards) {
    this.shards = shards;
  }

  /**
   * What was found, in no order.
   *
   * @param error why some may be missing; none where all shards could say what they have
   */
  public record Listed(List<Summary> groups, Errors error) {}

  /** The groups of all shards, as far as they are wanted. Never fails. */
  public CompletableFuture<Listed> list(Predicate<Summary> wanted) {
    List<CompletableFuture<List<Summary>>> parts =
        shards.submitToAll((state, nowMs, reply, effects) -> list(state, wanted, reply, effects));
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .handle((_, _) -> together(parts));
  }

  private static Listed together(List<CompletableFuture<List<Summary>>> parts) {
    List<Summary> groups = new ArrayList<>();
    Errors missing = Errors.NONE;
    for (CompletableFuture<List<Summary>> part : parts) {
      try {
        groups.addAll(part.join());
      } catch (CompletionException failure) {
        Errors error = ShardUnavailableException.errorOf(failure);
        if (error != Errors.NOT_COORDINATOR) { // that one's groups are listed elsewhere
          missing = error;
        }
      }
    }
    return new Listed(groups, missing);
  }

  private static void list(
      ShardState state,
      Predicate<Summary> wanted,
      Reply<List<Summary>> reply,
      ShardEffects effects) {
    List<Summary> groups = new ArrayList<>();
    for (Group group : state.groups().all()) {
      groups.add(Summary.of(group));
    }
    for (String groupId : state.offsets().groupIds()) {
      if (state.groups().peek(groupId) == null) {
        groups.add(Summary.ofOffsetsOnly(groupId));
      }
    }
    groups.removeIf(wanted.negate());
    effects.effects().answer(reply, groups);
  }
}
