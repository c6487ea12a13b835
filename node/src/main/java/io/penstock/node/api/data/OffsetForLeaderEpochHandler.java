package io.penstock.node.api.data;

import io.penstock.node.api.ApiErrors;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.Refusal;
import io.penstock.storage.epoch.EpochEnd;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * OffsetForLeaderEpoch: where an epoch ends in the leader's log, by which readers find out that
 * theirs was cut off (KIP-101, KIP-279, KIP-320).
 */
public final class OffsetForLeaderEpochHandler
    extends TypedHandler<OffsetForLeaderEpochRequestData> {

  private final PartitionLookup partitions;

  public OffsetForLeaderEpochHandler(PartitionLookup partitions) {
    super(ApiKeys.OFFSET_FOR_LEADER_EPOCH, OffsetForLeaderEpochRequestData.class, 2, 4);
    this.partitions = partitions;
  }

  @Override
  protected void serve(RequestContext context, OffsetForLeaderEpochRequestData request) {
    OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
    for (OffsetForLeaderTopic topic : request.topics()) {
      List<EpochEndOffset> answers = new ArrayList<>(topic.partitions().size());
      for (OffsetForLeaderPartition partition : topic.partitions()) {
        answers.add(answer(topic.topic(), partition));
      }
      response
          .topics()
          .add(new OffsetForLeaderTopicResult().setTopic(topic.topic()).setPartitions(answers));
    }
    context.respond(response);
  }

  private EpochEndOffset answer(String topic, OffsetForLeaderPartition asked) {
    EpochEndOffset answer =
        new EpochEndOffset().setPartition(asked.partition()).setLeaderEpoch(-1).setEndOffset(-1);
    PartitionReplica replica = partitions.find(topic, asked.partition());
    if (replica == null) {
      Errors why = partitions.whyMissing(topic, asked.partition());
      return answer.setErrorCode(why.code());
    }
    Refusal refusal = replica.check(asked.currentLeaderEpoch(), true);
    if (refusal != null) {
      return answer.setErrorCode(ApiErrors.of(refusal).code());
    }
    EpochEnd end = replica.endOfEpoch(asked.leaderEpoch());
    return answer.setLeaderEpoch(end.epoch()).setEndOffset(end.endOffset());
  }
}
