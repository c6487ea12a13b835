package io.penstock.node.api.group;

import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.consumer.ConsumerGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Gives members of a classic group their assignments when the leader has brought them. */
public final class SyncGroupHandler extends TypedHandler<SyncGroupRequestData> {

  private final GroupCoordinators coordinators;

  public SyncGroupHandler(GroupCoordinators coordinators) {
    super(ApiKeys.SYNC_GROUP, SyncGroupRequestData.class, 0, 5);
    this.coordinators = coordinators;
  }

  @Override
  protected void serve(RequestContext context, SyncGroupRequestData request) {
    if (request.groupId().isEmpty()) {
      context.respond(error(Errors.INVALID_GROUP_ID));
      return;
    }
    coordinators.<SyncGroupResponseData>onShard(
        context,
        request.groupId(),
        (groups, nowMs, reply, effects) -> {
          switch (groups.find(request.groupId())) {
            case ClassicGroup group -> group.sync(request, nowMs, reply, effects);
            case ConsumerGroup group -> group.sync(request, nowMs, reply, effects);
            case null, default -> effects.answer(reply, error(Errors.UNKNOWN_MEMBER_ID));
          }
        },
        SyncGroupHandler::refused);
  }

  /**
   * Clients give up where they hear that the coordinator is loading: a group that has just been
   * read knows of no rebalance that was under way, so that its members have to rejoin anyway.
   */
  private static SyncGroupResponseData refused(Errors refusal) {
    return error(
        refusal == Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.REBALANCE_IN_PROGRESS : refusal);
  }

  private static SyncGroupResponseData error(Errors error) {
    return new SyncGroupResponseData().setErrorCode(error.code()).setAssignment(new byte[0]);
  }
}
