package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.Reply;
import io.penstock.node.group.offset.OffsetChange;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartitionCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Deletes groups that have no members, and offsets that no member is at. Any thread. */
public final class GroupDeletion {

  private static final String CONSUMER = "consumer";

  private final GroupShards shards;
  private final Supplier<ClusterImage> image;

  public GroupDeletion(GroupShards shards, Supplier<ClusterImage> image) {
    this.shards = shards;
    this.image = image;
  }

  /** Deletes a group with its offsets; completes with what became of it, and never fails. */
  public CompletableFuture<Errors> delete(String groupId) {
    return shards
        .<Errors>submit(
            groupId, (state, nowMs, reply, effects) -> delete(groupId, state, reply, effects))
        .exceptionally(ShardUnavailableException::errorOf);
  }

  private static void delete(
      String groupId, ShardState state, Reply<Errors> reply, ShardEffects effects) {
    Group group = state.groups().find(groupId);
    if (group == null && !state.offsets().has(groupId)) {
      effects.effects().answer(reply, Errors.GROUP_ID_NOT_FOUND);
      return;
    }
    if (group != null && !group.isEmpty()) {
      effects.effects().answer(reply, Errors.NON_EMPTY_GROUP);
      return;
    }
    effects.change(state.offsets().removals(groupId, (_, _, _) -> true));
    if (group != null) {
      effects.remove(group);
    }
    effects.effects().answerWhenStored(reply, Errors.NONE, failure -> failure);
  }

  /** Deletes offsets of a group; completes with the answer, and never fails. */
  public CompletableFuture<OffsetDeleteResponseData> deleteOffsets(
      OffsetDeleteRequestData request) {
    return shards
        .<OffsetDeleteResponseData>submit(
            request.groupId(),
            (state, nowMs, reply, effects) -> deleteOffsets(request, state, reply, effects))
        .exceptionally(failure -> failed(ShardUnavailableException.errorOf(failure)));
  }

  private static OffsetDeleteResponseData failed(Errors error) {
    return new OffsetDeleteResponseData().setErrorCode(error.code());
  }

  private void deleteOffsets(
      OffsetDeleteRequestData request,
      ShardState state,
      Reply<OffsetDeleteResponseData> reply,
      ShardEffects effects) {
    Group group = state.groups().find(request.groupId());
    Errors error = problem(request.groupId(), group, state);
    if (error != Errors.NONE) {
      effects.effects().answer(reply, failed(error));
      return;
    }
    OffsetDeleteResponseData response = new OffsetDeleteResponseData();
    // A partition that is named again is taken away once.
    Set<OffsetChange> changes = new LinkedHashSet<>();
    for (OffsetDeleteRequestTopic topic : request.topics()) {
      OffsetDeleteResponsePartitionCollection answers =
          new OffsetDeleteResponsePartitionCollection();
      for (OffsetDeleteRequestPartition partition : topic.partitions()) {
        int index = partition.partitionIndex();
        OffsetChange change = new OffsetChange(request.groupId(), topic.name(), index, null);
        Errors why = problem(change, group, state);
        answers.add(
            new OffsetDeleteResponsePartition().setPartitionIndex(index).setErrorCode(why.code()));
        if (why == Errors.NONE
            && state.offsets().find(request.groupId(), topic.name(), index) != null) {
          changes.add(change);
        }
      }
      response
          .topics()
          .add(new OffsetDeleteResponseTopic().setName(topic.name()).setPartitions(answers));
    }
    effects.change(List.copyOf(changes));
    effects.effects().answerWhenStored(reply, response, GroupDeletion::failed);
  }

  private static Errors problem(String groupId, @Nullable Group group, ShardState state) {
    if (group == null) {
      return state.offsets().has(groupId) ? Errors.NONE : Errors.GROUP_ID_NOT_FOUND;
    }
    // What other members than consumers read is not known.
    return group.isEmpty() || group.protocolType().equals(CONSUMER)
        ? Errors.NONE
        : Errors.NON_EMPTY_GROUP;
  }

  private Errors problem(OffsetChange change, @Nullable Group group, ShardState state) {
    if (group != null && !group.isEmpty() && group.isSubscribedTo(change.topic())) {
      return Errors.GROUP_SUBSCRIBED_TO_TOPIC;
    }
    if (state.offsets().find(change.groupId(), change.topic(), change.partition()) != null) {
      return Errors.NONE; // also of a topic that is gone
    }
    TopicImage topic = image.get().leadership().topic(change.topic());
    return topic == null || topic.partition(change.partition()) == null
        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
        : Errors.NONE;
  }
}
