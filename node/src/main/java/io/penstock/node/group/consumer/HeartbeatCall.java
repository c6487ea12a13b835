package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.jspecify.annotations.Nullable;

/**
 * One heartbeat of one member, and what only the one who received it knows.
 *
 * @param freshId the member's id where it brings none
 */
public record HeartbeatCall(
    ConsumerGroupHeartbeatRequestData request, String clientId, String clientHost, String freshId) {

  static final int JOIN = 0;
  static final int LEAVE = -1;
  static final int LEAVE_FOR_NOW = -2;
  private static final int UNSAID = -1;

  String memberId() {
    return request.memberId().isEmpty() ? freshId : request.memberId();
  }

  boolean isJoin() {
    return request.memberEpoch() == JOIN;
  }

  boolean isLeave() {
    return request.memberEpoch() == LEAVE || request.memberEpoch() == LEAVE_FOR_NOW;
  }

  /** Whether the member says everything, as it does when it does not know what was heard. */
  boolean isFull() {
    return isJoin()
        || (request.rebalanceTimeoutMs() != UNSAID
            && request.topicPartitions() != null
            && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null));
  }

  boolean saysRebalanceTimeout() {
    return request.rebalanceTimeoutMs() != UNSAID;
  }

  /** What the member says that it has; null where it does not say. */
  @Nullable MemberTarget owned() {
    List<TopicPartitions> topics = request.topicPartitions();
    if (topics == null) {
      return null;
    }
    Map<UUID, PartitionSet> owned = HashMap.newHashMap(topics.size());
    for (TopicPartitions each : topics) {
      UUID id =
          new UUID(
              each.topicId().getMostSignificantBits(), each.topicId().getLeastSignificantBits());
      owned.merge(id, PartitionSet.of(each.partitions()), PartitionSet::plus);
    }
    return new MemberTarget(owned);
  }
}
