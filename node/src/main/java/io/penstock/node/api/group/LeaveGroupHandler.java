package io.penstock.node.api.group;

import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.consumer.ConsumerGroup;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Takes members out of a group: the one who asks, or those whom an operator names. */
public final class LeaveGroupHandler extends TypedHandler<LeaveGroupRequestData> {

  private static final short SEVERAL_FROM = 3;

  private final GroupCoordinators coordinators;

  public LeaveGroupHandler(GroupCoordinators coordinators) {
    super(ApiKeys.LEAVE_GROUP, LeaveGroupRequestData.class, 0, 5);
    this.coordinators = coordinators;
  }

  @Override
  protected void serve(RequestContext context, LeaveGroupRequestData request) {
    if (request.groupId().isEmpty()) {
      context.respond(error(Errors.INVALID_GROUP_ID));
      return;
    }
    boolean several = context.apiVersion() >= SEVERAL_FROM;
    LeaveGroupRequestData named = several ? request : ofOne(request);
    coordinators.<LeaveGroupResponseData>onShard(
        context,
        request.groupId(),
        (groups, nowMs, reply, effects) -> {
          Reply<LeaveGroupResponseData> told = answer -> reply.send(inVersion(answer, several));
          switch (groups.find(request.groupId())) {
            case ClassicGroup group -> group.leave(named, nowMs, told, effects);
            case ConsumerGroup group -> group.leave(named, nowMs, told, effects);
            case null, default -> effects.answer(told, nobody(named));
          }
        },
        LeaveGroupHandler::error);
  }

  private static LeaveGroupRequestData ofOne(LeaveGroupRequestData request) {
    return new LeaveGroupRequestData()
        .setGroupId(request.groupId())
        .setMembers(List.of(new MemberIdentity().setMemberId(request.memberId())));
  }

  private static LeaveGroupResponseData nobody(LeaveGroupRequestData request) {
    List<MemberResponse> members = new ArrayList<>(request.members().size());
    for (MemberIdentity each : request.members()) {
      members.add(
          new MemberResponse()
              .setMemberId(each.memberId())
              .setGroupInstanceId(each.groupInstanceId())
              .setErrorCode(Errors.UNKNOWN_MEMBER_ID.code()));
    }
    return new LeaveGroupResponseData().setMembers(members);
  }

  /** Old versions know one member and one error. */
  private static LeaveGroupResponseData inVersion(LeaveGroupResponseData answer, boolean several) {
    if (several || answer.members().isEmpty()) {
      return answer;
    }
    return new LeaveGroupResponseData().setErrorCode(answer.members().get(0).errorCode());
  }

  private static LeaveGroupResponseData error(Errors error) {
    return new LeaveGroupResponseData().setErrorCode(error.code());
  }
}
