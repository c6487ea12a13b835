package io.penstock.node.group.consumer;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.effect.MemberDescription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
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

  /** What the member says of itself; what it does not say now is as it was. */
  MemberDescription described(@Nullable MemberDescription before) {
    List<String> topics = request.subscribedTopicNames();
    if (topics == null) {
      topics = before == null ? List.of() : before.topics();
    }
    String regex =
        otherwise(request.subscribedTopicRegex(), before == null ? null : before.regex());
    int timeoutMs =
        before == null || saysRebalanceTimeout()
            ? Math.max(0, request.rebalanceTimeoutMs())
            : before.rebalanceTimeoutMs();
    return new MemberDescription(
        otherwise(request.instanceId(), before == null ? null : before.instanceId()),
        otherwise(request.rackId(), before == null ? null : before.rack()),
        clientId,
        clientHost,
        topics,
        regex == null || regex.isEmpty() ? null : regex,
        timeoutMs,
        otherwise(request.serverAssignor(), before == null ? null : before.assignor()),
        null);
  }

  private static @Nullable String otherwise(@Nullable String said, @Nullable String before) {
    return said == null ? before : said;
  }

  /** Whether all that the member has is among these, as far as it says; not if it does not say. */
  boolean ownsOnly(MemberTarget these) {
    List<TopicPartitions> topics = request.topicPartitions();
    if (topics == null) {
      return false;
    }
    for (TopicPartitions each : topics) {
      PartitionSet known = these.of(KafkaIds.fromKafka(each.topicId()));
      for (int partition : each.partitions()) {
        if (!known.contains(partition)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * What of these the member says that it has; null where it does not say. Others are not gathered,
   * and those are at once: a request has room for some hundred thousand, of one topic or of many.
   */
  @Nullable MemberTarget owned(MemberTarget these) {
    List<TopicPartitions> topics = request.topicPartitions();
    if (topics == null) {
      return null;
    }
    Map<UUID, IntStream.Builder> gathered = new HashMap<>();
    for (TopicPartitions each : topics) {
      UUID id = KafkaIds.fromKafka(each.topicId());
      if (!these.of(id).isEmpty()) {
        IntStream.Builder of = gathered.computeIfAbsent(id, _ -> IntStream.builder());
        each.partitions().forEach(of::accept);
      }
    }
    Map<UUID, PartitionSet> owned = HashMap.newHashMap(gathered.size());
    gathered.forEach((id, each) -> owned.put(id, PartitionSet.of(each.build().toArray())));
    return new MemberTarget(owned).common(these);
  }
}
