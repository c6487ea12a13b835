package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.OffsetFetches;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Reads committed offsets, of one group or of several; each group's answer comes from its own
 * shard. There are no transactions yet that could hold an offset open, so all of them are stable.
 */
public final class OffsetFetchHandler extends TypedHandler<OffsetFetchRequestData> {

  private static final int BATCHED_SINCE = 8;
  private static final int IDS_SINCE = 10;
  private static final int ERROR_SINCE = 2;
  private static final int GROUPS_MAX = 10_000;

  /** Partitions that one request may name, and offsets that one response tells of. */
  private static final int OFFSETS_MAX = 200_000;

  private static final long WAIT_MS = 5_000;

  private final OffsetFetches fetches;

  public OffsetFetchHandler(OffsetFetches fetches) {
    super(ApiKeys.OFFSET_FETCH, OffsetFetchRequestData.class, 1, 10);
    this.fetches = fetches;
  }

  @Override
  protected void serve(RequestContext context, OffsetFetchRequestData request) {
    short version = context.apiVersion();
    if (version < BATCHED_SINCE) {
      OffsetFetchRequestGroup group = single(request);
      if (named(group) > OFFSETS_MAX) {
        context.closeConnection("more than " + OFFSETS_MAX + " offsets asked");
        return;
      }
      LaterAnswer.respondWithin(
          WAIT_MS,
          context,
          fetches.fetch(group, false),
          answer -> single(version, group, answer),
          failure -> single(version, group, failed(group, failure)));
      return;
    }
    if (request.groups().size() > GROUPS_MAX) {
      context.closeConnection("offsets of more than " + GROUPS_MAX + " groups asked");
      return;
    }
    if (request.groups().stream().mapToLong(OffsetFetchHandler::named).sum() > OFFSETS_MAX) {
      context.closeConnection("more than " + OFFSETS_MAX + " offsets asked");
      return;
    }
    // However often a group is named, it is told of once, as it was named first.
    Map<String, CompletableFuture<OffsetFetchResponseGroup>> answers = new LinkedHashMap<>();
    for (OffsetFetchRequestGroup group : request.groups()) {
      answers.computeIfAbsent(group.groupId(), _ -> fetches.fetch(group, version >= IDS_SINCE));
    }
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new)),
        _ -> together(answers),
        _ -> together(answers));
  }

  /** How many partitions are asked for by name. */
  private static long named(OffsetFetchRequestGroup group) {
    return group.topics() == null
        ? 0
        : group.topics().stream().mapToLong(topic -> topic.partitionIndexes().size()).sum();
  }

  /**
   * What is there by now. A group whose answer has not come, or that is too much beside the others,
   * is to be asked for again.
   */
  private static OffsetFetchResponseData together(
      Map<String, CompletableFuture<OffsetFetchResponseGroup>> answers) {
    OffsetFetchResponseData response = new OffsetFetchResponseData();
    long[] offsets = {0};
    answers.forEach((groupId, answer) -> {
      boolean answered = answer.isDone() && !answer.isCompletedExceptionally();
      OffsetFetchResponseGroup group =
          answered
              ? answer.join()
              : OffsetFetches.failed(groupId, Errors.COORDINATOR_NOT_AVAILABLE);
      long more = group.topics().stream().mapToLong(topic -> topic.partitions().size()).sum();
      if (offsets[0] > 0 && offsets[0] + more > OFFSETS_MAX) {
        group = OffsetFetches.failed(groupId, Errors.COORDINATOR_LOAD_IN_PROGRESS);
      } else {
        offsets[0] += more;
      }
      response.groups().add(group);
    });
    return response;
  }

  private static OffsetFetchResponseGroup failed(OffsetFetchRequestGroup group, Throwable failure) {
    return OffsetFetches.failed(group.groupId(), OffsetCommitHandler.unanswered(failure));
  }

  private static OffsetFetchRequestGroup single(OffsetFetchRequestData request) {
    OffsetFetchRequestGroup group = new OffsetFetchRequestGroup().setGroupId(request.groupId());
    if (request.topics() == null) {
      return group.setTopics(null);
    }
    for (OffsetFetchRequestTopic topic : request.topics()) {
      group
          .topics()
          .add(
              new OffsetFetchRequestTopics()
                  .setName(topic.name())
                  .setPartitionIndexes(topic.partitionIndexes()));
    }
    return group;
  }

  private static OffsetFetchResponseData single(
      short version, OffsetFetchRequestGroup asked, OffsetFetchResponseGroup answer) {
    OffsetFetchResponseData response = new OffsetFetchResponseData();
    if (version >= ERROR_SINCE) {
      response.setErrorCode(answer.errorCode());
    } else if (answer.errorCode() != Errors.NONE.code() && asked.topics() != null) {
      asked.topics().forEach(topic -> response.topics().add(refused(topic, answer.errorCode())));
      return response;
    }
    for (OffsetFetchResponseTopics topic : answer.topics()) {
      OffsetFetchResponseTopic told = new OffsetFetchResponseTopic().setName(topic.name());
      for (OffsetFetchResponsePartitions partition : topic.partitions()) {
        told.partitions()
            .add(
                new OffsetFetchResponsePartition()
                    .setPartitionIndex(partition.partitionIndex())
                    .setCommittedOffset(partition.committedOffset())
                    .setCommittedLeaderEpoch(partition.committedLeaderEpoch())
                    .setMetadata(partition.metadata())
                    .setErrorCode(partition.errorCode()));
      }
      response.topics().add(told);
    }
    return response;
  }

  /** The first version has no other place for what is wrong with the group. */
  private static OffsetFetchResponseTopic refused(OffsetFetchRequestTopics topic, short error) {
    OffsetFetchResponseTopic told = new OffsetFetchResponseTopic().setName(topic.name());
    for (int index : topic.partitionIndexes()) {
      told.partitions()
          .add(
              new OffsetFetchResponsePartition()
                  .setPartitionIndex(index)
                  .setCommittedOffset(-1)
                  .setMetadata("")
                  .setErrorCode(error));
    }
    return told;
  }
}
