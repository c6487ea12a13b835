package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.GroupEpoch;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.node.group.effect.Reply;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/** How members go: by themselves, for now or for good, or because their time is over. */
final class Leaving {

  private Leaving() {}

  static void run(Step step, HeartbeatCall call, Reply<ConsumerGroupHeartbeatResponseData> reply) {
    Refusal refusal = HeartbeatChecks.member(step.state(), call);
    if (refusal != null) {
      step.effects().answer(reply, refusal.answer());
      return;
    }
    int epoch = call.request().memberEpoch();
    if (epoch == HeartbeatCall.LEAVE_FOR_NOW) {
      step.change(
          new ConsumerGroupRecord.Current(
              step.state().groupId(),
              call.memberId(),
              step.state().current(call.memberId()).away()));
      step.group().sessions().owesNothing(call.memberId());
    } else {
      remove(step, List.of(call.memberId()));
    }
    step.effects()
        .answerWhenStored(
            reply,
            new ConsumerGroupHeartbeatResponseData()
                .setMemberId(call.memberId())
                .setMemberEpoch(epoch),
            failure -> Refusal.answer(failure, failure.message()));
  }

  /** Takes members out; what they had is free, and is given to others in the next epoch. */
  static void remove(Step step, Collection<String> memberIds) {
    ConsumerState state = step.state();
    memberIds.forEach(memberId -> erase(step, memberId));
    Regexes.dropUnused(step);
    if (Downgrade.happens(step)) {
      return; // in the epoch that it is in: its members may still commit, and are called together
    }
    long hash = new Subscriptions(state, step.topics()).hash();
    step.change(
        new ConsumerGroupRecord.Epoch(
            state.groupId(), new GroupEpoch(state.epoch().epoch() + 1, hash)));
    if (state.size() == 0) {
      step.group().becameEmpty(step.nowMs());
    }
  }

  /** A static member is back under another id, and takes up what was its own. */
  static void replace(Step step, String holder, String memberId) {
    ConsumerState state = step.state();
    String groupId = state.groupId();
    MemberDescription description = state.member(holder);
    MemberTarget target = state.target(holder);
    CurrentAssignment current = state.current(holder);
    erase(step, holder);
    step.change(new ConsumerGroupRecord.Member(groupId, memberId, description));
    step.change(new ConsumerGroupRecord.Target(groupId, memberId, target));
    step.change(new ConsumerGroupRecord.Current(groupId, memberId, current.back()));
  }

  /** Takes everything away that is written of the member. */
  static void erase(Step step, String memberId) {
    ConsumerState state = step.state();
    // The last thing that is taken back is that the member has no time left.
    step.effects().ifNotAppended(() -> step.group().giveTime(step.nowMs()));
    if (state.hasCurrent(memberId)) {
      step.change(new ConsumerGroupRecord.Current(state.groupId(), memberId, null));
    }
    if (state.hasTarget(memberId)) {
      step.change(new ConsumerGroupRecord.Target(state.groupId(), memberId, null));
    }
    step.change(new ConsumerGroupRecord.Member(state.groupId(), memberId, null));
    step.group().sessions().end(memberId);
  }
}
