package io.penstock.node.group;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.Reply;
import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Reads committed offsets. What is read is told when all of it is committed. An offset that was
 * committed for an earlier topic of the same name is none. Any thread.
 */
public final class OffsetFetches {

  private static final long NO_OFFSET = -1;
  private static final int NO_EPOCH = -1;

  private final GroupShards shards;
  private final Supplier<ClusterImage> image;

  public OffsetFetches(GroupShards shards, Supplier<ClusterImage> image) {
    this.shards = shards;
    this.image = image;
  }

  /**
   * Reads what one group has committed; never fails but for a defect.
   *
   * @param byId whether topics go by their ids
   */
  public CompletableFuture<OffsetFetchResponseGroup> fetch(
      OffsetFetchRequestGroup request, boolean byId) {
    Fetch fetch = new Fetch(request, byId, image.get().leadership());
    return shards
        .submit(request.groupId(), fetch)
        .exceptionally(
            failure -> failed(request.groupId(), ShardUnavailableException.errorOf(failure)));
  }

  /** The answer for a group of which nothing can be said. */
  public static OffsetFetchResponseGroup failed(String groupId, Errors error) {
    // The one error of a coordinator that every client takes for a reason to ask again here.
    Errors told =
        error == Errors.COORDINATOR_NOT_AVAILABLE ? Errors.COORDINATOR_LOAD_IN_PROGRESS : error;
    return new OffsetFetchResponseGroup().setGroupId(groupId).setErrorCode(told.code());
  }

  /** One group of a request on its way to its shard and back. */
  private record Fetch(OffsetFetchRequestGroup request, boolean byId, LeadershipImage topics)
      implements ShardEvent<OffsetFetchResponseGroup> {

    @Override
    public void happen(
        ShardState state, long nowMs, Reply<OffsetFetchResponseGroup> reply, ShardEffects effects) {
      Group group = state.groups().find(request.groupId());
      Errors error =
          group == null
              ? Errors.NONE
              : group.validateFetch(request.memberId(), request.memberEpoch());
      if (error != Errors.NONE) {
        effects.effects().answer(reply, failed(request.groupId(), error));
        return;
      }
      OffsetFetchResponseGroup answer =
          new OffsetFetchResponseGroup().setGroupId(request.groupId());
      List<OffsetFetchRequestTopics> asked = request.topics();
      if (asked == null) {
        addAll(state, answer);
      } else {
        Map<Object, Set<Integer>> told = new HashMap<>();
        for (OffsetFetchRequestTopics topic : asked) {
          Object key = byId ? topic.topicId() : topic.name();
          add(state, topic, told.computeIfAbsent(key, _ -> new HashSet<>()), answer);
        }
      }
      effects
          .effects()
          .answerWhenStored(reply, answer, failure -> failed(request.groupId(), failure));
    }

    private void addAll(ShardState state, OffsetFetchResponseGroup answer) {
      state
          .offsets()
          .of(request.groupId())
          .forEach((name, partitions) -> addAll(name, partitions, answer));
    }

    private void addAll(
        String name, Map<Integer, CommittedOffset> partitions, OffsetFetchResponseGroup answer) {
      TopicImage topic = topics.topic(name);
      if (topic == null && byId) {
        return;
      }
      OffsetFetchResponseTopics found = new OffsetFetchResponseTopics().setName(name);
      if (topic != null) {
        found.setTopicId(KafkaIds.toKafka(topic.id()));
      }
      partitions.forEach((index, committed) -> {
        if (topic == null || committed.isOf(topic.id())) {
          found.partitions().add(told(index, committed));
        }
      });
      if (!found.partitions().isEmpty()) {
        answer.topics().add(found);
      }
    }

    private void add(
        ShardState state,
        OffsetFetchRequestTopics asked,
        Set<Integer> told,
        OffsetFetchResponseGroup answer) {
      TopicImage topic =
          byId ? topics.topic(KafkaIds.fromKafka(asked.topicId())) : topics.topic(asked.name());
      OffsetFetchResponseTopics found =
          new OffsetFetchResponseTopics().setName(asked.name()).setTopicId(asked.topicId());
      for (int index : asked.partitionIndexes()) {
        if (!told.add(index)) {
          continue; // named before
        }
        if (byId && topic == null) {
          found.partitions().add(told(index, null).setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()));
          continue;
        }
        String name = topic == null ? asked.name() : topic.name();
        CommittedOffset committed = state.offsets().find(request.groupId(), name, index);
        boolean counts = committed != null && (topic == null || committed.isOf(topic.id()));
        found.partitions().add(told(index, counts ? committed : null));
      }
      answer.topics().add(found);
    }

    private static OffsetFetchResponsePartitions told(
        int index, @Nullable CommittedOffset committed) {
      OffsetFetchResponsePartitions partition =
          new OffsetFetchResponsePartitions().setPartitionIndex(index);
      return committed == null
          ? partition
              .setCommittedOffset(NO_OFFSET)
              .setCommittedLeaderEpoch(NO_EPOCH)
              .setMetadata("")
          : partition
              .setCommittedOffset(committed.offset())
              .setCommittedLeaderEpoch(committed.leaderEpoch())
              .setMetadata(committed.metadata());
    }
  }
}
