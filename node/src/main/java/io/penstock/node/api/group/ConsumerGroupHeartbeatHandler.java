package io.penstock.node.api.group;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.GroupKinds;
import io.penstock.node.group.Groups;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.consumer.ConsumerGroup;
import io.penstock.node.group.consumer.HeartbeatCall;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.Reply;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * All that a member of the consumer protocol ever says: that it joins, lives or leaves, what it
 * wants and what it has. The group is made for the first one.
 */
public final class ConsumerGroupHeartbeatHandler
    extends TypedHandler<ConsumerGroupHeartbeatRequestData> {

  /** Before it, a member is given its id when it joins. */
  private static final short ID_REQUIRED_FROM = 1;

  private final GroupCoordinators coordinators;
  private final GroupKinds kinds;

  public ConsumerGroupHeartbeatHandler(GroupCoordinators coordinators, GroupKinds kinds) {
    super(ApiKeys.CONSUMER_GROUP_HEARTBEAT, ConsumerGroupHeartbeatRequestData.class, 0, 1);
    this.coordinators = coordinators;
    this.kinds = kinds;
  }

  @Override
  protected void serve(RequestContext context, ConsumerGroupHeartbeatRequestData request) {
    boolean mayBeNamed = context.apiVersion() < ID_REQUIRED_FROM && request.memberEpoch() == 0;
    HeartbeatCall call =
        new HeartbeatCall(
            request,
            ClientNames.id(context),
            ClientNames.host(context),
            mayBeNamed ? freshId() : "");
    ConsumerGroupHeartbeatResponseData refused = ConsumerGroup.refused(call, kinds.consumer());
    if (refused != null) {
      context.respond(refused);
      return;
    }
    coordinators.<ConsumerGroupHeartbeatResponseData>onShard(
        context,
        request.groupId(),
        (groups, nowMs, reply, effects) -> heartbeat(groups, call, nowMs, reply, effects),
        ConsumerGroupHeartbeatHandler::error);
  }

  /** As clients make theirs. */
  private static String freshId() {
    return KafkaIds.text(KafkaIds.random());
  }

  private void heartbeat(
      Groups groups,
      HeartbeatCall call,
      long nowMs,
      Reply<ConsumerGroupHeartbeatResponseData> reply,
      Effects effects) {
    String groupId = call.request().groupId();
    Group found = groups.find(groupId);
    boolean joins = call.request().memberEpoch() == 0;
    if (joins && isNew(call.request(), found) && !groups.hasRoom()) {
      effects.answer(reply, error(Errors.COORDINATOR_NOT_AVAILABLE));
      return;
    }
    if (found instanceof ConsumerGroup group) {
      group.heartbeat(call, nowMs, reply, effects);
      return;
    }
    if (joins && found instanceof ClassicGroup classic && !classic.isEmpty()) {
      upgrade(groups, classic, call, nowMs, reply, effects);
      return;
    }
    if (!joins || (found != null && !found.isEmpty())) {
      effects.answer(reply, error(Errors.GROUP_ID_NOT_FOUND));
      return;
    }
    ConsumerGroup group = kinds.newConsumer(groupId, nowMs);
    ConsumerGroupHeartbeatResponseData refused = group.refusedToJoin(call);
    if (refused != null) {
      effects.answer(reply, refused);
      return;
    }
    if (!groups.put(group)) {
      effects.answer(reply, error(Errors.COORDINATOR_NOT_AVAILABLE));
      return;
    }
    // One without members gives its name away.
    groups.replace(found, group, effects);
    group.heartbeat(call, nowMs, reply, effects);
  }

  /**
   * Whether one more member is to be kept. A static one that was started anew has another id and
   * takes its own place, also where it spoke the other protocol before.
   */
  private static boolean isNew(ConsumerGroupHeartbeatRequestData request, @Nullable Group found) {
    if (found == null) {
      return true;
    }
    boolean hasId = found instanceof ConsumerGroup group && group.has(request.memberId());
    return !hasId && !found.hasInstance(request.instanceId());
  }

  /** The first member of the consumer protocol takes the others with it, if it may. */
  private void upgrade(
      Groups groups,
      ClassicGroup classic,
      HeartbeatCall call,
      long nowMs,
      Reply<ConsumerGroupHeartbeatResponseData> reply,
      Effects effects) {
    ConsumerGroup group = kinds.upgraded(classic, nowMs);
    if (group == null) {
      effects.answer(reply, error(Errors.GROUP_ID_NOT_FOUND));
      return;
    }
    ConsumerGroupHeartbeatResponseData refused = group.refusedToJoin(call);
    if (refused != null) {
      effects.answer(reply, refused);
      return;
    }
    groups.put(group);
    groups.replace(classic, group, effects);
    group.records().forEach(effects::append);
    classic.unload(Errors.REBALANCE_IN_PROGRESS, effects);
    group.heartbeat(call, nowMs, reply, effects);
  }

  private static ConsumerGroupHeartbeatResponseData error(Errors error) {
    return new ConsumerGroupHeartbeatResponseData()
        .setErrorCode(error.code())
        .setErrorMessage(error.message());
  }
}
