package io.penstock.node.api.group;

import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.Groups;
import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.classic.JoinCall;
import io.penstock.node.group.consumer.ConsumerGroup;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.Reply;
import java.util.UUID;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Brings a member into a classic group, which is made for the first one. The answer is parked in
 * the group until its next generation begins.
 */
public final class JoinGroupHandler extends TypedHandler<JoinGroupRequestData> {

  private static final short ID_REQUIRED_FROM = 4;
  private static final short PROTOCOL_MAY_BE_NULL_FROM = 7;
  private static final short MAY_SKIP_ASSIGNMENT_FROM = 9;

  private final GroupCoordinators coordinators;
  private final ClassicSettings settings;

  public JoinGroupHandler(GroupCoordinators coordinators, ClassicSettings settings) {
    super(ApiKeys.JOIN_GROUP, JoinGroupRequestData.class, 0, 9);
    this.coordinators = coordinators;
    this.settings = settings;
  }

  @Override
  protected void serve(RequestContext context, JoinGroupRequestData request) {
    short version = context.apiVersion();
    if (request.groupId().isEmpty() || GroupLimits.isTooLong(request.groupId())) {
      context.respond(error(request, Errors.INVALID_GROUP_ID, version));
      return;
    }
    if (hasLongNames(request)) {
      context.respond(error(request, Errors.INVALID_REQUEST, version));
      return;
    }
    JoinCall call = call(context, request);
    coordinators.onShard(
        context,
        request.groupId(),
        (groups, nowMs, reply, effects) ->
            join(groups, call, nowMs, answer -> reply.send(inVersion(answer, version)), effects),
        refusal -> error(request, retriedHere(refusal), version));
  }

  /** Who joins is to keep its connection and ask again here. */
  private static Errors retriedHere(Errors refusal) {
    return refusal == Errors.COORDINATOR_NOT_AVAILABLE
        ? Errors.COORDINATOR_LOAD_IN_PROGRESS
        : refusal;
  }

  /** What the group's record would have to hold, and may not be able to. */
  private static boolean hasLongNames(JoinGroupRequestData request) {
    String instanceId = request.groupInstanceId();
    return (instanceId != null && instanceId.length() > GroupLimits.INSTANCE_ID_CHARS_MAX)
        || request.protocolType().length() > GroupLimits.PROTOCOL_CHARS_MAX
        || request.protocols().stream()
            .anyMatch(each -> each.name().length() > GroupLimits.PROTOCOL_CHARS_MAX);
  }

  private static JoinCall call(RequestContext context, JoinGroupRequestData request) {
    return new JoinCall(
        request,
        context.apiVersion() >= ID_REQUIRED_FROM,
        context.apiVersion() >= MAY_SKIP_ASSIGNMENT_FROM,
        ClientNames.id(context),
        ClientNames.host(context),
        request.memberId().isEmpty() ? UUID.randomUUID().toString() : "");
  }

  private void join(
      Groups groups,
      JoinCall call,
      long nowMs,
      Reply<JoinGroupResponseData> reply,
      Effects effects) {
    JoinGroupRequestData request = call.request();
    Group found = groups.find(request.groupId());
    if (isNew(request, found) && !groups.hasRoom()) {
      effects.answer(reply, error(request, Errors.COORDINATOR_NOT_AVAILABLE));
      return;
    }
    if (found instanceof ClassicGroup group) {
      group.join(call, nowMs, reply, effects);
      return;
    }
    if (found instanceof ConsumerGroup group && !found.isEmpty()) {
      joinConsumers(group, call, nowMs, reply, effects);
      return;
    }
    if (found != null && !found.isEmpty()) {
      effects.answer(reply, error(request, Errors.INCONSISTENT_GROUP_PROTOCOL));
      return;
    }
    if (!request.memberId().isEmpty()) {
      effects.answer(reply, error(request, Errors.UNKNOWN_MEMBER_ID));
      return;
    }
    ClassicGroup group = new ClassicGroup(request.groupId(), settings, nowMs);
    if (!groups.put(group)) {
      effects.answer(reply, error(request, Errors.COORDINATOR_NOT_AVAILABLE));
      return;
    }
    group.join(call, nowMs, reply, effects);
    if (group.isEmpty()) {
      groups.putBack(found, group);
    } else {
      // One of the other protocol without members gives its name away.
      groups.replace(found, group, effects);
    }
  }

  /**
   * Whether one more member is to be kept. A static one that was started anew has no id and takes
   * its own place; a group of the other protocol takes in who brings an id that it has not given,
   * but for a static one, which is told there that it is fenced or unknown.
   */
  private static boolean isNew(JoinGroupRequestData request, @Nullable Group found) {
    if (request.memberId().isEmpty()) {
      return found == null || !found.hasInstance(request.groupInstanceId());
    }
    return request.groupInstanceId() == null
        && found instanceof ConsumerGroup group
        && !group.isEmpty()
        && !group.has(request.memberId());
  }

  /** The limits of sessions are those of the protocol that the member speaks. */
  private void joinConsumers(
      ConsumerGroup group,
      JoinCall call,
      long nowMs,
      Reply<JoinGroupResponseData> reply,
      Effects effects) {
    int sessionMs = call.request().sessionTimeoutMs();
    if (sessionMs < settings.sessionTimeoutMinMs() || sessionMs > settings.sessionTimeoutMaxMs()) {
      effects.answer(reply, error(call.request(), Errors.INVALID_SESSION_TIMEOUT));
    } else {
      group.join(call, nowMs, reply, effects);
    }
  }

  private static JoinGroupResponseData error(
      JoinGroupRequestData request, Errors error, short version) {
    return inVersion(error(request, error), version);
  }

  private static JoinGroupResponseData error(JoinGroupRequestData request, Errors error) {
    return new JoinGroupResponseData()
        .setMemberId(request.memberId())
        .setProtocolName(null)
        .setErrorCode(error.code());
  }

  private static JoinGroupResponseData inVersion(JoinGroupResponseData answer, short version) {
    return version < PROTOCOL_MAY_BE_NULL_FROM && answer.protocolName() == null
        ? answer.setProtocolName("")
        : answer;
  }
}
