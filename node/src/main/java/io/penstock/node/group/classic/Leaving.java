package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** One request that takes members out, their own or an operator's; each is judged by itself. */
final class Leaving {

  private Leaving() {}

  static void run(Step step, LeaveGroupRequestData request, Reply<LeaveGroupResponseData> reply) {
    List<MemberResponse> outcomes = new ArrayList<>(request.members().size());
    int before = step.members().size();
    for (MemberIdentity each : request.members()) {
      outcomes.add(outcome(each, remove(step, each)));
    }
    if (step.members().size() != before) {
      Rebalancing.membersChanged(step);
    } else {
      // An id that nobody has joined with may have gone, for which a rebalance was waiting.
      Rebalancing.endIfAllJoined(step);
    }
    LeaveGroupResponseData answer = new LeaveGroupResponseData().setMembers(outcomes);
    if (step.effects().groupRecord() == null) {
      step.effects().answer(reply, answer);
      return;
    }
    step.effects()
        .answerWhenStored(
            reply,
            answer,
            outcome -> new LeaveGroupResponseData().setErrorCode(Answers.unstored(outcome).code()));
  }

  /** What is said of a member where the group has not so much as heard of it. */
  static MemberResponse outcome(MemberIdentity member, Errors error) {
    return new MemberResponse()
        .setMemberId(member.memberId())
        .setGroupInstanceId(member.groupInstanceId())
        .setErrorCode(error.code());
  }

  private static Errors remove(Step step, MemberIdentity leaver) {
    ClassicGroup group = step.group();
    if (leaver.groupInstanceId() == null && group.pending().remove(leaver.memberId())) {
      return Errors.NONE;
    }
    String id = idOf(group, leaver);
    if (id == null) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    Errors error = MemberChecks.member(group, id, leaver.groupInstanceId());
    ClassicMember member = group.members().find(id);
    if (error == Errors.NONE && member != null) {
      Rebalancing.drop(step, member, Errors.UNKNOWN_MEMBER_ID);
    }
    return error;
  }

  /** An operator names a static member by its instance alone. */
  private static @Nullable String idOf(ClassicGroup group, MemberIdentity leaver) {
    String instanceId = leaver.groupInstanceId();
    if (leaver.memberId().isEmpty() && instanceId != null) {
      return group.members().idOf(instanceId);
    }
    return leaver.memberId();
  }
}
