package io.penstock.node.api.data;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.Refusal;
import io.penstock.storage.producer.ProducerStateView;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** DescribeProducers: the idempotent producers that the leader of a partition remembers. */
public final class DescribeProducersHandler extends TypedHandler<DescribeProducersRequestData> {

  private static final int ANY_EPOCH = -1;

  private final PartitionLookup partitions;

  public DescribeProducersHandler(PartitionLookup partitions) {
    super(ApiKeys.DESCRIBE_PRODUCERS, DescribeProducersRequestData.class, 0, 0);
    this.partitions = partitions;
  }

  @Override
  protected void serve(RequestContext context, DescribeProducersRequestData request) {
    DescribeProducersResponseData response = new DescribeProducersResponseData();
    for (TopicRequest topic : request.topics()) {
      List<PartitionResponse> answers = new ArrayList<>(topic.partitionIndexes().size());
      for (int index : topic.partitionIndexes()) {
        answers.add(answer(topic.name(), index));
      }
      response.topics().add(new TopicResponse().setName(topic.name()).setPartitions(answers));
    }
    context.respond(response);
  }

  private PartitionResponse answer(String topic, int index) {
    PartitionResponse answer = new PartitionResponse().setPartitionIndex(index);
    PartitionReplica replica = partitions.find(topic, index);
    if (replica == null) {
      return refused(answer, partitions.whyMissing(topic, index));
    }
    Refusal refusal = replica.check(ANY_EPOCH, true);
    if (refusal != null) {
      return refused(answer, ApiErrors.of(refusal));
    }
    for (ProducerStateView producer : replica.producers()) {
      answer
          .activeProducers()
          .add(
              new ProducerState()
                  .setProducerId(producer.producerId())
                  .setProducerEpoch(producer.producerEpoch())
                  .setLastSequence(producer.lastSequence())
                  .setLastTimestamp(producer.lastTimestampMs())
                  .setCoordinatorEpoch(producer.coordinatorEpoch())
                  .setCurrentTxnStartOffset(producer.openTransactionOffset()));
    }
    return answer;
  }

  private static PartitionResponse refused(PartitionResponse answer, Errors error) {
    return answer.setErrorCode(error.code()).setErrorMessage(error.message());
  }
}
