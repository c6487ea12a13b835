package io.penstock.cluster.bench;

import io.penstock.cluster.wire.NodeClient;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.jspecify.annotations.Nullable;

/** By the protocol of KIP-848: one call, and the coordinator assigns. */
final class ConsumerMembership implements Membership {
  private static final int REBALANCE_MS = 60_000;

  private final String group;
  private final String topic;
  private final String memberId = Uuid.randomUuid().toString();
  private int epoch;
  private int heartbeatMs;

  ConsumerMembership(String group, String topic) {
    this.group = group;
    this.topic = topic;
  }

  @Override
  public void join(NodeClient coordinator) throws IOException {
    epoch = 0;
    var data =
        request()
            .setRebalanceTimeoutMs(REBALANCE_MS)
            .setSubscribedTopicNames(List.of(topic))
            .setTopicPartitions(List.of());
    if (!ask(coordinator, data)) {
      throw new RefusedException("fenced when it joins");
    }
  }

  @Override
  public boolean heartbeat(NodeClient coordinator) throws IOException {
    return ask(coordinator, request());
  }

  private ConsumerGroupHeartbeatRequestData request() {
    return new ConsumerGroupHeartbeatRequestData()
        .setGroupId(group)
        .setMemberId(memberId)
        .setMemberEpoch(epoch)
        .setTopicPartitions(null);
  }

  /** Asks until the member has what it was assigned; false where it has to join again. */
  private boolean ask(NodeClient coordinator, ConsumerGroupHeartbeatRequestData data)
      throws IOException {
    ConsumerGroupHeartbeatRequestData next = data;
    while (true) {
      ConsumerGroupHeartbeatResponseData answer =
          coordinator
              .ask(
                  new ConsumerGroupHeartbeatRequest.Builder(next).build(),
                  ConsumerGroupHeartbeatResponse.class)
              .data();
      switch (Errors.forCode(answer.errorCode())) {
        case NONE -> {
          epoch = answer.memberEpoch();
          heartbeatMs = answer.heartbeatIntervalMs();
        }
        case FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID -> {
          return false;
        }
        default ->
            throw new RefusedException(
                "ConsumerGroupHeartbeat: " + Errors.forCode(answer.errorCode()));
      }
      if (answer.assignment() == null) {
        return true;
      }
      next = request().setTopicPartitions(owned(answer.assignment()));
    }
  }

  private static List<TopicPartitions> owned(
      ConsumerGroupHeartbeatResponseData.@Nullable Assignment assignment) {
    return assignment == null
        ? List.of()
        : assignment.topicPartitions().stream()
            .map(each ->
                new TopicPartitions().setTopicId(each.topicId()).setPartitions(each.partitions()))
            .toList();
  }

  @Override
  public int heartbeatMs() {
    return heartbeatMs;
  }

  @Override
  public String memberId() {
    return memberId;
  }

  @Override
  public int epoch() {
    return epoch;
  }
}
