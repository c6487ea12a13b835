package io.penstock.node.group.consumer;

import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.MemberDescription;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Whether a heartbeat is one, and whether its member is who it says it is. */
final class HeartbeatChecks {

  private HeartbeatChecks() {}

  /** What is wrong with the request, whatever the group; null where nothing is. */
  static @Nullable Refusal request(HeartbeatCall call, ConsumerSettings settings) {
    ConsumerGroupHeartbeatRequestData request = call.request();
    if (isBlank(request.groupId()) || GroupLimits.isTooLong(request.groupId())) {
      return invalid("GroupId is empty or too long.");
    }
    if (isBlank(request.instanceId()) || isTooLong(request.instanceId())) {
      return invalid("InstanceId is empty or too long.");
    }
    if (isBlank(request.rackId()) || isTooLong(request.rackId())) {
      return invalid("RackId is empty or too long.");
    }
    if (isBlank(call.memberId()) || isTooLong(call.memberId())) {
      return invalid("MemberId is empty or too long.");
    }
    List<String> topics = request.subscribedTopicNames();
    if (topics != null && topics.size() > settings.topicsMax()) {
      return invalid("SubscribedTopicNames are more than " + settings.topicsMax() + ".");
    }
    Refusal refusal = epoch(call);
    if (refusal != null) {
      return refusal;
    }
    String assignor = request.serverAssignor();
    return assignor == null || settings.assignor(assignor) != null
        ? null
        : new Refusal(
            Errors.UNSUPPORTED_ASSIGNOR, "ServerAssignor " + assignor + " is not supported.");
  }

  private static @Nullable Refusal epoch(HeartbeatCall call) {
    ConsumerGroupHeartbeatRequestData request = call.request();
    if (request.memberEpoch() < HeartbeatCall.LEAVE_FOR_NOW) {
      return invalid("MemberEpoch is invalid.");
    }
    if (request.memberEpoch() == HeartbeatCall.LEAVE_FOR_NOW && request.instanceId() == null) {
      return invalid("InstanceId can't be null.");
    }
    if (!call.isJoin()) {
      return null;
    }
    if (!call.saysRebalanceTimeout()) {
      return invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    if (request.topicPartitions() == null || !request.topicPartitions().isEmpty()) {
      return invalid("TopicPartitions must be empty when (re-)joining.");
    }
    return request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null
        ? invalid("SubscribedTopicNames or SubscribedTopicRegex must be set in first request.")
        : null;
  }

  private static boolean isBlank(@Nullable String text) {
    return text != null && text.isBlank();
  }

  private static boolean isTooLong(@Nullable String text) {
    return text != null && text.length() > GroupLimits.INSTANCE_ID_CHARS_MAX;
  }

  private static Refusal invalid(String message) {
    return new Refusal(Errors.INVALID_REQUEST, message);
  }

  /** Whether the heartbeat is to have its effect in this group; null if so. */
  static @Nullable Refusal all(ConsumerState state, HeartbeatCall call, ConsumerSettings settings) {
    Refusal refusal = call.isJoin() ? join(state, call, settings) : member(state, call);
    if (refusal == null && !call.isJoin()) {
      refusal = epoch(state, call);
    }
    if (refusal == null) {
      refusal = Regexes.problem(state, call.request().subscribedTopicRegex());
    }
    return refusal == null ? room(state, call, settings) : refusal;
  }

  /** Whether the one who joins may; null if so. */
  static @Nullable Refusal join(
      ConsumerState state, HeartbeatCall call, ConsumerSettings settings) {
    String instanceId = call.request().instanceId();
    String holder = state.memberOf(instanceId);
    if (holder != null) {
      // Until it has said that it is away, or its session is over, the name is its own.
      return holder.equals(call.memberId())
              || state.current(holder).epoch() == CurrentAssignment.AWAY
              || state.isClassic(holder)
          ? null
          : new Refusal(
              Errors.UNRELEASED_INSTANCE_ID,
              "The instance id " + instanceId + " is owned by the member " + holder + ".");
    }
    return state.size() >= settings.membersMax() && !state.has(call.memberId())
        ? new Refusal(
            Errors.GROUP_MAX_SIZE_REACHED,
            "The group has reached its maximum of " + settings.membersMax() + " members.")
        : null;
  }

  /** Whether the group has room for what the member says of itself; null if so. */
  static @Nullable Refusal room(
      ConsumerState state, HeartbeatCall call, ConsumerSettings settings) {
    ConsumerGroupHeartbeatRequestData request = call.request();
    if (request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null) {
      return null;
    }
    MemberDescription before = state.described(call.memberId(), request.instanceId());
    return state.hasRoomFor(before, call.described(before), settings.memberBytesMax())
        ? null
        : new Refusal(
            Errors.GROUP_MAX_SIZE_REACHED, "The members of the group are subscribed to too much.");
  }

  /** Whether this is a member, and a static one is the newest of its name; null if so. */
  static @Nullable Refusal member(ConsumerState state, HeartbeatCall call) {
    String instanceId = call.request().instanceId();
    if (instanceId != null) {
      String holder = state.memberOf(instanceId);
      if (holder == null) {
        return new Refusal(
            Errors.UNKNOWN_MEMBER_ID, "The instance id " + instanceId + " is unknown.");
      }
      if (!holder.equals(call.memberId())) {
        return new Refusal(
            Errors.FENCED_INSTANCE_ID,
            "The instance id " + instanceId + " is owned by the member " + holder + ".");
      }
    }
    return state.has(call.memberId())
        ? null
        : new Refusal(Errors.UNKNOWN_MEMBER_ID, "The group has no member " + call.memberId() + ".");
  }

  /**
   * Whether the member is in the epoch that the group believes it to be in, or in the one before it
   * with nothing but what it has been given: then the answer that told of the next one was lost.
   */
  static @Nullable Refusal epoch(ConsumerState state, HeartbeatCall call) {
    CurrentAssignment current = state.current(call.memberId());
    int told = call.request().memberEpoch();
    if (told == current.epoch()) {
      return null;
    }
    boolean isBehind =
        told < current.epoch()
            && told == current.previousEpoch()
            && call.ownsOnly(current.assigned());
    return isBehind
        ? null
        : new Refusal(
            Errors.FENCED_MEMBER_EPOCH,
            "The member's epoch is "
                + current.epoch()
                + " and not "
                + told
                + ". It has to give everything back and join again.");
  }
}
