package io.penstock.node.api.data;

import io.penstock.node.api.PartitionLookup;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.PartitionImage;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;

/**
 * Tells a producer that came to the wrong node who leads (KIP-951), so that it need not ask for
 * metadata first. Of one response, on the loop of its request.
 */
final class LeaderHints {

  private static final short FIRST_WITH_HINTS = 10;

  private final PartitionLookup partitions;
  private final ProduceResponseData response;
  private final short version;
  private final BooleanSupplier cutOff;

  /**
   * @param cutOff whether this node has heard nothing from the quorum for a session: then the
   *     newest leader that it knows of may be itself, and it tells of none
   */
  LeaderHints(
      PartitionLookup partitions,
      ProduceResponseData response,
      short version,
      BooleanSupplier cutOff) {
    this.partitions = partitions;
    this.response = response;
    this.version = version;
    this.cutOff = cutOff;
  }

  /** Adds to an answer of this topic, if it sends the producer elsewhere, who leads now. */
  void add(TopicProduceData topic, PartitionProduceResponse answer) {
    if (version < FIRST_WITH_HINTS
        || answer.errorCode() != Errors.NOT_LEADER_OR_FOLLOWER.code()
        || cutOff.getAsBoolean()) {
      return;
    }
    PartitionImage partition =
        version >= ProduceHandler.FIRST_WITH_TOPIC_IDS
            ? partitions.image(topic.topicId(), answer.index())
            : partitions.image(topic.name(), answer.index());
    if (partition == null) {
      return;
    }
    answer.setCurrentLeader(
        new LeaderIdAndEpoch()
            .setLeaderId(partition.leader())
            .setLeaderEpoch(partition.leaderEpoch()));
    BrokerImage broker = partitions.image().leadership().broker(partition.leader());
    if (broker != null && response.nodeEndpoints().find(broker.id()) == null) {
      response
          .nodeEndpoints()
          .add(
              new NodeEndpoint()
                  .setNodeId(broker.id())
                  .setHost(broker.client().host())
                  .setPort(broker.client().port())
                  .setRack(broker.rack()));
    }
  }
}
