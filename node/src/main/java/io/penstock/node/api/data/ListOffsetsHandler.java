package io.penstock.node.api.data;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.Refusal;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ListOffsets: the ends of partitions from what they publish, at once; an offset by time has to be
 * looked for in files, which is done on the I/O threads.
 */
public final class ListOffsetsHandler extends TypedHandler<ListOffsetsRequestData> {

  private static final Logger LOG = LoggerFactory.getLogger(ListOffsetsHandler.class);
  private static final int CONSUMER = -1;
  private static final int DEBUGGER = -2;

  /** Older versions have no field for the leader epoch, and refuse to be written with one. */
  private static final int FIRST_WITH_EPOCHS = 4;

  private final PartitionLookup partitions;
  private final Executor blocking;

  /** The executor takes what reads files; it is bounded and may refuse. */
  public ListOffsetsHandler(PartitionLookup partitions, Executor blocking) {
    super(ApiKeys.LIST_OFFSETS, ListOffsetsRequestData.class, 1, 11);
    this.partitions = partitions;
    this.blocking = blocking;
  }

  @Override
  protected void serve(RequestContext context, ListOffsetsRequestData request) {
    if (!readsFiles(request)) {
      context.respond(answer(request, context.apiVersion()));
      return;
    }
    try {
      blocking.execute(() -> answerLater(context, request));
    } catch (RejectedExecutionException busy) {
      context.respond(refuseAll(request, Errors.REQUEST_TIMED_OUT));
    }
  }

  private void answerLater(RequestContext context, ListOffsetsRequestData request) {
    ListOffsetsResponseData response;
    try {
      response = answer(request, context.apiVersion());
    } catch (RuntimeException bug) {
      LOG.error("Offsets could not be listed: client={}", context.clientId(), bug);
      response = refuseAll(request, Errors.UNKNOWN_SERVER_ERROR);
    }
    context.respond(response);
  }

  @Override
  public ApiMessage failure(RequestContext context, ApiMessage request, Throwable cause) {
    return refuseAll((ListOffsetsRequestData) request, Errors.UNKNOWN_SERVER_ERROR);
  }

  private static boolean readsFiles(ListOffsetsRequestData request) {
    for (ListOffsetsTopic topic : request.topics()) {
      for (ListOffsetsPartition partition : topic.partitions()) {
        if (OffsetQuery.of(partition.timestamp()).readsFiles()) {
          return true;
        }
      }
    }
    return false;
  }

  private ListOffsetsResponseData answer(ListOffsetsRequestData request, short version) {
    Set<String> twice = listedTwice(request);
    ListOffsetsResponseData response = new ListOffsetsResponseData();
    for (ListOffsetsTopic topic : request.topics()) {
      List<ListOffsetsPartitionResponse> answers = new ArrayList<>(topic.partitions().size());
      for (ListOffsetsPartition partition : topic.partitions()) {
        answers.add(
            twice.contains(topic.name() + "-" + partition.partitionIndex())
                ? refused(partition.partitionIndex(), Errors.INVALID_REQUEST)
                : answer(topic.name(), partition, request, version));
      }
      response
          .topics()
          .add(new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(answers));
    }
    return response;
  }

  private ListOffsetsPartitionResponse answer(
      String topic, ListOffsetsPartition partition, ListOffsetsRequestData request, short version) {
    int index = partition.partitionIndex();
    OffsetQuery query = OffsetQuery.of(partition.timestamp());
    if (!query.isServedIn(version)) {
      return refused(index, Errors.UNSUPPORTED_VERSION);
    }
    PartitionReplica replica = partitions.find(topic, index);
    if (replica == null) {
      return refused(index, partitions.whyMissing(topic, index));
    }
    Refusal refusal =
        replica.check(partition.currentLeaderEpoch(), request.replicaId() != DEBUGGER);
    if (refusal != null) {
      return refused(index, ApiErrors.of(refusal));
    }
    boolean consumer = request.replicaId() == CONSUMER;
    ReadLimit limit = consumer ? ReadLimit.HIGH_WATERMARK : ReadLimit.LOG_END;
    try {
      return switch (query.answer(replica, limit, partition.timestamp())) {
        case OffsetQuery.Found(long offset, long timestampMs, int leaderEpoch) ->
            new ListOffsetsPartitionResponse()
                .setPartitionIndex(index)
                .setOffset(offset)
                .setTimestamp(timestampMs)
                .setLeaderEpoch(version >= FIRST_WITH_EPOCHS ? leaderEpoch : -1);
        case OffsetQuery.Nothing() -> refused(index, Errors.NONE);
        case OffsetQuery.NotYet() ->
            refused(
                index, version >= 5 ? Errors.OFFSET_NOT_AVAILABLE : Errors.LEADER_NOT_AVAILABLE);
      };
    } catch (StorageException failure) {
      LOG.error("Offset could not be looked up: partition={}", replica.id(), failure);
      return refused(index, Errors.KAFKA_STORAGE_ERROR);
    }
  }

  private static Set<String> listedTwice(ListOffsetsRequestData request) {
    Set<String> seen = new HashSet<>();
    Set<String> twice = new HashSet<>();
    for (ListOffsetsTopic topic : request.topics()) {
      for (ListOffsetsPartition partition : topic.partitions()) {
        String key = topic.name() + "-" + partition.partitionIndex();
        if (!seen.add(key)) {
          twice.add(key);
        }
      }
    }
    return twice;
  }

  private static ListOffsetsResponseData refuseAll(ListOffsetsRequestData request, Errors error) {
    ListOffsetsResponseData response = new ListOffsetsResponseData();
    for (ListOffsetsTopic topic : request.topics()) {
      List<ListOffsetsPartitionResponse> answers = new ArrayList<>();
      topic.partitions().forEach(p -> answers.add(refused(p.partitionIndex(), error)));
      response
          .topics()
          .add(new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(answers));
    }
    return response;
  }

  private static ListOffsetsPartitionResponse refused(int partition, Errors error) {
    return new ListOffsetsPartitionResponse()
        .setPartitionIndex(partition)
        .setErrorCode(error.code())
        .setTimestamp(-1)
        .setOffset(-1)
        .setLeaderEpoch(-1);
  }
}
