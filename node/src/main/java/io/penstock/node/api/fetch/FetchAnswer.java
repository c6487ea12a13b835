package io.penstock.node.api.fetch;

import io.penstock.node.api.PartitionLookup;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.PartitionImage;
import java.util.ArrayList;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Puts results into a response, in order: neighbours of one topic share its entry, and a reader who
 * came to the wrong node is told who leads (KIP-951).
 */
final class FetchAnswer {

  private static final short FIRST_WITH_HINTS = 16;

  private final FetchParameters parameters;
  private final PartitionLookup partitions;
  private final FetchResponseData response = new FetchResponseData();
  private @Nullable PartitionKey last;
  private FetchableTopicResponse topic = new FetchableTopicResponse();

  FetchAnswer(FetchParameters parameters, PartitionLookup partitions) {
    this.parameters = parameters;
    this.partitions = partitions;
  }

  FetchResponseData response() {
    return response;
  }

  void add(FetchResult result) {
    PartitionKey key = result.item().key();
    if (last == null || !last.isSameTopic(key)) {
      topic =
          new FetchableTopicResponse()
              .setTopic(key.topic() == null ? "" : key.topic())
              .setTopicId(key.topicId() == null ? Uuid.ZERO_UUID : key.topicId())
              .setPartitions(new ArrayList<>());
      response.responses().add(topic);
    }
    last = key;
    PartitionData data = result.toResponse(parameters.committedTransactionsOnly());
    if (parameters.version() >= FIRST_WITH_HINTS
        && (result.error() == Errors.NOT_LEADER_OR_FOLLOWER
            || result.error() == Errors.FENCED_LEADER_EPOCH)) {
      addHint(key, data);
    }
    topic.partitions().add(data);
  }

  private void addHint(PartitionKey key, PartitionData data) {
    PartitionImage partition =
        key.topicId() == null ? null : partitions.image(key.topicId(), key.partition());
    if (partition == null) {
      return;
    }
    data.setCurrentLeader(
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
