package io.penstock.node.group.consumer;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.Errors;

/**
 * One heartbeat of one who joins or is a member. What it says may begin the next epoch of the
 * group; an epoch has a target; and the member comes a step nearer to that.
 */
final class Heartbeating {

  private final Step step;
  private final ConsumerState state;
  private final HeartbeatCall call;
  private final ConsumerGroupHeartbeatRequestData request;
  private final String memberId;

  Heartbeating(Step step, HeartbeatCall call) {
    this.step = step;
    this.state = step.state();
    this.call = call;
    this.request = call.request();
    this.memberId = call.memberId();
  }

  void run(Reply<ConsumerGroupHeartbeatResponseData> reply) {
    Refusal refusal = HeartbeatChecks.all(state, call, step.settings());
    if (refusal != null) {
      step.effects().answer(reply, refusal.answer());
      return;
    }
    CurrentAssignment before = state.current(memberId);
    boolean rejoins = call.isJoin() && admit();
    Progression progression = new Progression(step, memberId);
    progression.settleEpoch(describe() || rejoins);
    CurrentAssignment held = state.current(memberId);
    progression.reconcile(
        call.owned(held.assigned().plus(held.revoking())), step.times().sessionTimeoutMs());
    CurrentAssignment after = state.current(memberId);
    boolean told = call.isFull() || !after.assigned().equals(before.assigned());
    step.effects().answerWhenStored(reply, answer(after, told), this::failed);
  }

  /**
   * Who joins has nothing. One who was a member before, and has been told of epochs, is not to be
   * taken for itself as it was: the next epoch is the first that it is in.
   *
   * @return whether it takes another epoch for that
   */
  private boolean admit() {
    String holder = state.memberOf(request.instanceId());
    if (holder != null && !holder.equals(memberId)) {
      Leaving.replace(step, holder, memberId);
      return false;
    }
    CurrentAssignment current = state.current(memberId);
    if (current.epoch() == CurrentAssignment.AWAY) {
      change(current.back());
      return false;
    }
    if (current.previousEpoch() == CurrentAssignment.JOINING) {
      return false; // nobody yet, or the answer to its join was lost
    }
    change(CurrentAssignment.NONE);
    return true;
  }

  private void change(CurrentAssignment current) {
    step.change(new ConsumerGroupRecord.Current(state.groupId(), memberId, current));
  }

  /** Takes down what the member says of itself, and whether it wants other topics than before. */
  private boolean describe() {
    MemberDescription before = state.member(memberId);
    MemberDescription now = call.described(before);
    if (!now.equals(before)) {
      step.change(new ConsumerGroupRecord.Member(state.groupId(), memberId, now));
    }
    return before == null || !now.isSubscribedAs(before);
  }

  private ConsumerGroupHeartbeatResponseData answer(CurrentAssignment current, boolean told) {
    return new ConsumerGroupHeartbeatResponseData()
        .setMemberId(memberId)
        .setMemberEpoch(current.epoch())
        .setHeartbeatIntervalMs(step.times().heartbeatIntervalMs())
        .setAssignment(told ? assignment(current.assigned()) : null);
  }

  private static Assignment assignment(MemberTarget partitions) {
    List<TopicPartitions> topics = new ArrayList<>(partitions.topics().size());
    partitions.topics().forEach((id, set) -> topics.add(topic(id, set)));
    return new Assignment().setTopicPartitions(topics);
  }

  private static TopicPartitions topic(UUID id, PartitionSet partitions) {
    return new TopicPartitions()
        .setTopicId(KafkaIds.toKafka(id))
        .setPartitions(partitions.toList());
  }

  /** A group that has grown too large for its log takes nobody in. */
  private ConsumerGroupHeartbeatResponseData failed(Errors failure) {
    Errors told = failure;
    if (failure == Errors.MESSAGE_TOO_LARGE) {
      told = call.isJoin() ? Errors.GROUP_MAX_SIZE_REACHED : Errors.COORDINATOR_NOT_AVAILABLE;
    }
    return Refusal.answer(told, told.message());
  }
}
