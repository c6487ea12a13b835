package io.penstock.node.group;

import io.penstock.node.group.GroupView.Summary;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.Reply;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;

/**
 * The groups of this node for those who look at them and speak no Kafka. A group is looked at on
 * its shard's thread, as by its members; nothing of it is told that could still be lost. Any
 * thread.
 */
public final class GroupViews {

  /** Positions of one group that are told of. */
  private static final int POSITIONS_MAX = 100_000;

  private final int nodeId;
  private final GroupShards shards;
  private final GroupListing listing;
  private final Supplier<ClusterImage> image;

  /** For the node of this id. */
  public GroupViews(int nodeId, GroupShards shards, Supplier<ClusterImage> image) {
    this.nodeId = nodeId;
    this.shards = shards;
    this.listing = new GroupListing(shards);
    this.image = image;
  }

  /**
   * The groups that this node coordinates, by name.
   *
   * @param complete whether all shards could say what they have
   */
  public record All(List<Summary> groups, boolean complete) {}

  /** All of them, put in order on one of these threads. */
  public CompletableFuture<All> list(Executor workers) {
    return listing.list(_ -> true).thenApplyAsync(GroupViews::all, workers);
  }

  private static All all(GroupListing.Listed listed) {
    List<Summary> groups =
        listed.groups().stream().sorted(Comparator.comparing(Summary::groupId)).toList();
    return new All(groups, listed.error() == Errors.NONE);
  }

  /** One group, or where it is. Never fails. */
  public CompletableFuture<GroupFound> find(String groupId) {
    ShardEvent<GroupFound> look =
        (state, _, reply, effects) -> look(state, groupId, reply, effects);
    return shards
        .submit(groupId, look)
        .exceptionally(refused -> elsewhere(groupId, ShardUnavailableException.errorOf(refused)));
  }

  private static void look(
      ShardState state, String groupId, Reply<GroupFound> reply, ShardEffects effects) {
    boolean isKnown = state.groups().peek(groupId) != null || state.offsets().has(groupId);
    GroupFound found =
        isKnown
            ? new GroupFound.Here(view(state, groupId, POSITIONS_MAX))
            : new GroupFound.Unknown();
    effects
        .effects()
        .answerWhenStored(
            reply, found, _ -> new GroupFound.NotNow("the coordinator is moving to another node"));
  }

  /** The group with up to so many of its positions. */
  static GroupView view(ShardState state, String groupId, int positionsMax) {
    Group group = state.groups().peek(groupId);
    PositionsOfGroup gathered = PositionsOfGroup.gather(state, groupId, positionsMax);
    return new GroupView(
        group == null ? Summary.ofOffsetsOnly(groupId) : Summary.of(group),
        group == null ? Map.of() : group.memberNames(),
        gathered.positions(),
        gathered.leftOut());
  }

  private GroupFound elsewhere(String groupId, Errors refusal) {
    if (refusal == Errors.COORDINATOR_LOAD_IN_PROGRESS) {
      return new GroupFound.NotNow("the groups of this node are being loaded");
    }
    if (refusal != Errors.NOT_COORDINATOR) {
      return new GroupFound.NotNow("the coordinator cannot be asked: " + refusal.name());
    }
    TopicImage topic = image.get().leadership().topic(OffsetsTopic.NAME);
    if (topic == null) {
      return new GroupFound.Unknown(); // nobody has ever been in a group
    }
    PartitionImage home = topic.partition(OffsetsTopic.partitionOf(groupId, topic));
    if (home == null || !home.hasLeader()) {
      return new GroupFound.NotNow("the group has no coordinator at present");
    }
    return home.leader() == nodeId
        ? new GroupFound.NotNow("this node is about to become the coordinator")
        : new GroupFound.Elsewhere(home.leader());
  }
}
