package io.penstock.node.api.group;

import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.consumer.ConsumerGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Hears that a member of a classic group is alive, and tells it where a rebalance has begun. */
public final class HeartbeatHandler extends TypedHandler<HeartbeatRequestData> {

  private final GroupCoordinators coordinators;

  public HeartbeatHandler(GroupCoordinators coordinators) {
    super(ApiKeys.HEARTBEAT, HeartbeatRequestData.class, 0, 4);
    this.coordinators = coordinators;
  }

  @Override
  protected void serve(RequestContext context, HeartbeatRequestData request) {
    if (request.groupId().isEmpty()) {
      context.respond(error(Errors.INVALID_GROUP_ID));
      return;
    }
    coordinators.<HeartbeatResponseData>onShard(
        context,
        request.groupId(),
        (groups, nowMs, reply, effects) -> {
          HeartbeatResponseData answer =
              switch (groups.find(request.groupId())) {
                case ClassicGroup group -> group.heartbeat(request, nowMs);
                case ConsumerGroup group -> group.heartbeat(request, nowMs, effects);
                case null, default -> error(Errors.UNKNOWN_MEMBER_ID);
              };
          effects.answer(reply, answer);
        },
        HeartbeatHandler::refused);
  }

  /**
   * While the coordinator loads or has too much to do, nobody's session ends: its time begins when
   * the group is there again. Clients take any error for a heartbeat that failed.
   */
  private static HeartbeatResponseData refused(Errors refusal) {
    return switch (refusal) {
      case COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE -> error(Errors.NONE);
      default -> error(refusal);
    };
  }

  private static HeartbeatResponseData error(Errors error) {
    return new HeartbeatResponseData().setErrorCode(error.code());
  }
}
