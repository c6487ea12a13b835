package io.penstock.node.api.data;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.Refusal;
import io.penstock.storage.io.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DeleteRecords: moves the start of partitions forward; the files go in the background. May touch
 * the disk, hence runs on the I/O threads; then it waits for the other replicas to follow.
 */
public final class DeleteRecordsHandler extends TypedHandler<DeleteRecordsRequestData> {

  private static final Logger LOG = LoggerFactory.getLogger(DeleteRecordsHandler.class);
  private static final long INVALID_LOW_WATERMARK = -1;

  private final PartitionLookup partitions;
  private final Executor blocking;

  /** The executor takes what touches files; it is bounded and may refuse. */
  public DeleteRecordsHandler(PartitionLookup partitions, Executor blocking) {
    super(ApiKeys.DELETE_RECORDS, DeleteRecordsRequestData.class, 0, 2);
    this.partitions = partitions;
    this.blocking = blocking;
  }

  @Override
  protected void serve(RequestContext context, DeleteRecordsRequestData request) {
    DeleteRecordsResponseData response = new DeleteRecordsResponseData();
    ParkedDeletion parked = new ParkedDeletion(context, partitions, response);
    try {
      blocking.execute(() -> delete(context, request, response, parked));
    } catch (RejectedExecutionException busy) {
      context.respond(refuseAll(request, Errors.REQUEST_TIMED_OUT));
    }
  }

  private void delete(
      RequestContext context,
      DeleteRecordsRequestData request,
      DeleteRecordsResponseData response,
      ParkedDeletion parked) {
    for (DeleteRecordsTopic topic : request.topics()) {
      DeleteRecordsTopicResult result = new DeleteRecordsTopicResult().setName(topic.name());
      for (DeleteRecordsPartition partition : topic.partitions()) {
        result.partitions().add(delete(topic.name(), partition, parked));
      }
      response.topics().add(result);
    }
    LaterAnswer.resume(context, () -> parked.start(request.timeoutMs()));
  }

  private DeleteRecordsPartitionResult delete(
      String topic, DeleteRecordsPartition asked, ParkedDeletion parked) {
    int index = asked.partitionIndex();
    PartitionReplica replica = partitions.find(topic, index);
    if (replica == null) {
      return refused(index, partitions.whyMissing(topic, index));
    }
    try {
      Refusal refusal = replica.deleteRecordsBefore(asked.offset());
      if (refusal != null) {
        return refused(index, ApiErrors.of(refusal));
      }
      DeleteRecordsPartitionResult answer =
          new DeleteRecordsPartitionResult().setPartitionIndex(index);
      parked.await(replica, replica.logStartOffset(), answer);
      return answer;
    } catch (StorageException failure) {
      LOG.error("Records could not be deleted: partition={}", replica.id(), failure);
      return refused(index, Errors.KAFKA_STORAGE_ERROR);
    } catch (RuntimeException bug) {
      LOG.error("Records could not be deleted: partition={}", replica.id(), bug);
      return refused(index, Errors.UNKNOWN_SERVER_ERROR);
    }
  }

  private static DeleteRecordsResponseData refuseAll(
      DeleteRecordsRequestData request, Errors error) {
    DeleteRecordsResponseData response = new DeleteRecordsResponseData();
    for (DeleteRecordsTopic topic : request.topics()) {
      DeleteRecordsTopicResult result = new DeleteRecordsTopicResult().setName(topic.name());
      List<DeleteRecordsPartitionResult> answers = new ArrayList<>();
      topic.partitions().forEach(p -> answers.add(refused(p.partitionIndex(), error)));
      result.partitions().addAll(answers);
      response.topics().add(result);
    }
    return response;
  }

  private static DeleteRecordsPartitionResult refused(int partition, Errors error) {
    return new DeleteRecordsPartitionResult()
        .setPartitionIndex(partition)
        .setErrorCode(error.code())
        .setLowWatermark(INVALID_LOW_WATERMARK);
  }
}
