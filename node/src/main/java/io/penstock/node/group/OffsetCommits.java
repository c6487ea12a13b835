package io.penstock.node.group;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.Reply;
import io.penstock.node.group.offset.CommittedOffset;
import io.penstock.node.group.offset.OffsetChange;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Commits offsets. What is wrong with a partition of the request is told of that partition, what is
 * wrong with the member of all of them; the rest is one batch of the log. Any thread.
 */
public final class OffsetCommits {

  /** Offsets that one shard holds at most. */
  private static final int OFFSETS_MAX = 5_000_000;

  private static final long CLIENTS_NO_RETENTION = -1;

  /** The version of the request since which members may have epochs, and groups be unknown. */
  private static final int EPOCHS_SINCE = 9;

  /** The version since which topics go by their ids. */
  private static final int IDS_SINCE = 10;

  private final GroupShards shards;
  private final Supplier<ClusterImage> image;
  private final int metadataCharsMax;

  /** Takes up to so many characters of what clients write beside an offset. */
  public OffsetCommits(GroupShards shards, Supplier<ClusterImage> image, int metadataCharsMax) {
    this.shards = shards;
    this.image = image;
    this.metadataCharsMax = metadataCharsMax;
  }

  /**
   * Commits, and completes when that is committed; never fails but for a defect.
   *
   * @param version of the request, which says what its client knows
   */
  public CompletableFuture<OffsetCommitResponseData> commit(
      OffsetCommitRequestData request, int version) {
    Commit commit = new Commit(request, version, metadataCharsMax);
    boolean byId = version >= IDS_SINCE;
    LeadershipImage topics = image.get().leadership();
    for (OffsetCommitRequestTopic topic : request.topics()) {
      commit.add(topic, byId ? topicOf(topics, topic.topicId()) : topics.topic(topic.name()), byId);
    }
    if (GroupLimits.isTooLong(request.groupId())) {
      return CompletableFuture.completedFuture(commit.failed(Errors.INVALID_GROUP_ID));
    }
    if (commit.wanted.isEmpty()) {
      return CompletableFuture.completedFuture(commit.response);
    }
    return shards
        .submit(request.groupId(), commit)
        .exceptionally(failure -> commit.failed(ShardUnavailableException.errorOf(failure)));
  }

  /** The answer where nobody can say what became of the request. */
  public static OffsetCommitResponseData failed(OffsetCommitRequestData request, Errors error) {
    OffsetCommitResponseData response = new OffsetCommitResponseData();
    for (OffsetCommitRequestTopic topic : request.topics()) {
      OffsetCommitResponseTopic answers =
          new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
      for (OffsetCommitRequestPartition partition : topic.partitions()) {
        answers
            .partitions()
            .add(
                new OffsetCommitResponsePartition()
                    .setPartitionIndex(partition.partitionIndex())
                    .setErrorCode(error.code()));
      }
      response.topics().add(answers);
    }
    return response;
  }

  private static @Nullable TopicImage topicOf(LeadershipImage topics, Uuid id) {
    return topics.topic(KafkaIds.fromKafka(id));
  }

  /** One partition that may be committed, and where its answer goes. */
  private record Wanted(
      TopicImage topic,
      OffsetCommitRequestPartition partition,
      OffsetCommitResponsePartition answer) {

    OffsetChange change(String groupId, long nowMs, long expiresAtMs) {
      String metadata = partition.committedMetadata();
      return new OffsetChange(
          groupId,
          topic.name(),
          partition.partitionIndex(),
          new CommittedOffset(
              topic.id(),
              partition.committedOffset(),
              partition.committedLeaderEpoch(),
              metadata == null ? "" : metadata,
              nowMs,
              expiresAtMs));
    }
  }

  /** One request on its way to its shard and back. */
  private static final class Commit implements ShardEvent<OffsetCommitResponseData> {
    private final OffsetCommitRequestData request;
    private final int version;
    private final int metadataCharsMax;
    private final OffsetCommitResponseData response = new OffsetCommitResponseData();
    private final List<Wanted> wanted = new ArrayList<>();

    private Commit(OffsetCommitRequestData request, int version, int metadataCharsMax) {
      this.request = request;
      this.version = version;
      this.metadataCharsMax = metadataCharsMax;
    }

    private void add(OffsetCommitRequestTopic topic, @Nullable TopicImage known, boolean byId) {
      OffsetCommitResponseTopic answers =
          new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
      response.topics().add(answers);
      Errors unknown = byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
      for (OffsetCommitRequestPartition partition : topic.partitions()) {
        OffsetCommitResponsePartition answer =
            new OffsetCommitResponsePartition().setPartitionIndex(partition.partitionIndex());
        answers.partitions().add(answer);
        if (known == null) {
          answer.setErrorCode(unknown.code());
        } else if (known.partition(partition.partitionIndex()) == null) {
          answer.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        } else if (isTooLong(partition.committedMetadata())) {
          answer.setErrorCode(Errors.OFFSET_METADATA_TOO_LARGE.code());
        } else {
          wanted.add(new Wanted(known, partition, answer));
        }
      }
    }

    private boolean isTooLong(@Nullable String metadata) {
      return metadata != null && metadata.length() > metadataCharsMax;
    }

    @Override
    public void happen(
        ShardState state, long nowMs, Reply<OffsetCommitResponseData> reply, ShardEffects effects) {
      Errors error = problem(state, nowMs);
      if (error != Errors.NONE) {
        effects.effects().answer(reply, failed(error));
        return;
      }
      long retentionMs = request.retentionTimeMs();
      long expiresAtMs =
          retentionMs == CLIENTS_NO_RETENTION ? CommittedOffset.NO_EXPIRY : nowMs + retentionMs;
      effects.change(changes(nowMs, expiresAtMs));
      effects.effects().answerWhenStored(reply, response, this::failed);
    }

    /** One change of each partition: of a partition that is named again, the last one counts. */
    private List<OffsetChange> changes(long nowMs, long expiresAtMs) {
      Map<UUID, Map<Integer, Wanted>> last = new LinkedHashMap<>();
      for (Wanted each : wanted) {
        last.computeIfAbsent(each.topic().id(), _ -> new LinkedHashMap<>())
            .put(each.partition().partitionIndex(), each);
      }
      List<OffsetChange> changes = new ArrayList<>();
      for (Map<Integer, Wanted> partitions : last.values()) {
        for (Wanted each : partitions.values()) {
          changes.add(each.change(request.groupId(), nowMs, expiresAtMs));
        }
      }
      return changes;
    }

    private Errors problem(ShardState state, long nowMs) {
      Group group = state.groups().find(request.groupId());
      Errors error = group == null ? withoutGroup() : problem(group, nowMs);
      if (error != Errors.NONE) {
        return error;
      }
      return hasRoom(state) ? Errors.NONE : Errors.POLICY_VIOLATION;
    }

    /** Anybody commits under a name that no group has, but no one as a member. */
    private Errors withoutGroup() {
      if (request.generationIdOrMemberEpoch() < 0) {
        return Errors.NONE;
      }
      return version < EPOCHS_SINCE ? Errors.ILLEGAL_GENERATION : Errors.GROUP_ID_NOT_FOUND;
    }

    private Errors problem(Group group, long nowMs) {
      if (version < EPOCHS_SINCE && group.hasEpochOf(request.memberId())) {
        return Errors.UNSUPPORTED_VERSION;
      }
      Errors error =
          group.validateCommit(
              request.memberId(),
              request.groupInstanceId(),
              request.generationIdOrMemberEpoch(),
              nowMs);
      return error == Errors.STALE_MEMBER_EPOCH && isStillIts(group) ? Errors.NONE : error;
    }

    /** Who goes on in a partition needs none. */
    private boolean hasRoom(ShardState state) {
      return (state.groups().hasRoom() && state.offsets().count() + wanted.size() <= OFFSETS_MAX)
          || wanted.stream().allMatch(each -> isKnown(state, each));
    }

    private boolean isKnown(ShardState state, Wanted each) {
      int partition = each.partition().partitionIndex();
      return state.offsets().find(request.groupId(), each.topic().name(), partition) != null;
    }

    /** A heartbeat may have gone before, whose answer the member had not heard yet. */
    private boolean isStillIts(Group group) {
      return wanted.stream()
          .allMatch(each ->
              group.mayStillCommit(
                  request.memberId(),
                  request.generationIdOrMemberEpoch(),
                  each.topic().id(),
                  each.partition().partitionIndex()));
    }

    private OffsetCommitResponseData failed(Errors error) {
      Errors told = error == Errors.MESSAGE_TOO_LARGE ? Errors.INVALID_COMMIT_OFFSET_SIZE : error;
      for (Wanted each : wanted) {
        each.answer().setErrorCode(told.code());
      }
      return response;
    }
  }
}
