package io.penstock.node.group.consumer;

import io.penstock.node.group.classic.JoinCall;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import io.penstock.node.group.effect.GroupLimits;
import io.penstock.node.group.effect.MemberDescription;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Members of the classic protocol in a group of the consumer protocol, while applications move from
 * one to the other: to them each epoch is a generation, of which nobody leads, and each step of
 * theirs is a rebalance that they hear of in a heartbeat and join.
 */
final class ClassicMembership {

  private static final String CONSUMERS = "consumer";

  private final Step step;
  private final ConsumerState state;

  ClassicMembership(Step step) {
    this.step = step;
    this.state = step.state();
  }

  void join(JoinCall call, Reply<JoinGroupResponseData> reply) {
    JoinGroupRequestData request = call.request();
    String memberId = call.hasNoId() ? call.newMemberId() : request.memberId();
    ClassicAnswers.Wish wish =
        request.protocols().isEmpty()
            ? null
            : ClassicAnswers.read(request.protocols().iterator().next().metadata(), step.topics());
    Errors error = problem(call, memberId, wish);
    if (error != Errors.NONE || wish == null) {
      step.effects().answer(reply, joinError(request.memberId(), error));
      return;
    }
    if (call.hasNoId() && request.groupInstanceId() == null && call.idRequired()) {
      step.effects().answer(reply, joinError(memberId, Errors.MEMBER_ID_REQUIRED));
      return;
    }
    String holder = state.memberOf(request.groupInstanceId());
    if (holder != null && !holder.equals(memberId)) {
      Leaving.replace(step, holder, memberId);
    }
    MemberDescription before = state.member(memberId);
    MemberDescription now = described(call, wish);
    if (!now.equals(before)) {
      step.change(new ConsumerGroupRecord.Member(state.groupId(), memberId, now));
    }
    Progression progression = new Progression(step, memberId);
    progression.settleEpoch(before == null || !now.isSubscribedAs(before));
    progression.reconcile(wish.owned(), request.sessionTimeoutMs());
    if (state.current(memberId).progress() != Progress.UNREVOKED) {
      step.group().sessions().owesNothing(memberId);
    }
    step.effects()
        .answerWhenStored(
            reply, joined(memberId, now), failure -> joinError(request.memberId(), told(failure)));
    var _ = Downgrade.happens(step);
  }

  private JoinGroupResponseData joined(String memberId, MemberDescription member) {
    return new JoinGroupResponseData()
        .setMemberId(memberId)
        .setGenerationId(state.current(memberId).epoch())
        .setProtocolType(CONSUMERS)
        .setProtocolName(protocolOf(member))
        .setLeader("");
  }

  private static String protocolOf(MemberDescription member) {
    MemberDescription.Classic classic = member.classic();
    return classic == null || classic.protocols().isEmpty()
        ? ""
        : classic.protocols().get(0).name();
  }

  private Errors problem(JoinCall call, String memberId, ClassicAnswers.@Nullable Wish wish) {
    JoinGroupRequestData request = call.request();
    String holder = state.memberOf(request.groupInstanceId());
    if (holder == null && state.size() >= step.settings().membersMax() && !state.has(memberId)) {
      return Errors.GROUP_MAX_SIZE_REACHED;
    }
    if (!state.has(memberId) && memberId.length() > GroupLimits.MEMBER_ID_CHARS_MAX) {
      return Errors.UNKNOWN_MEMBER_ID; // it was not made here, so it is given another
    }
    if (!request.protocolType().equals(CONSUMERS) || !isUnderstood(request) || wish == null) {
      return Errors.INCONSISTENT_GROUP_PROTOCOL;
    }
    MemberDescription before = state.described(memberId, request.groupInstanceId());
    if (!state.hasRoomFor(before, described(call, wish), step.settings().memberBytesMax())
        || wish.topics().size() > step.settings().topicsMax()) {
      return Errors.GROUP_MAX_SIZE_REACHED;
    }
    if (request.groupInstanceId() == null || call.hasNoId()) {
      return Errors.NONE;
    }
    if (holder == null) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    return holder.equals(memberId) ? Errors.NONE : Errors.FENCED_INSTANCE_ID;
  }

  /** Whether it has an assignor in common with all others, in case that it is theirs again. */
  private boolean isUnderstood(JoinGroupRequestData request) {
    Map<String, Integer> supporters = new HashMap<>();
    int classics = 0;
    for (MemberDescription each : state.members().values()) {
      MemberDescription.Classic classic = each.classic();
      if (classic != null) {
        classics++;
        Set<String> names = new HashSet<>();
        classic.protocols().forEach(protocol -> names.add(protocol.name()));
        names.forEach(name -> supporters.merge(name, 1, Integer::sum));
      }
    }
    for (JoinGroupRequestProtocol each : request.protocols()) {
      if (supporters.getOrDefault(each.name(), 0) == classics) {
        return true;
      }
    }
    return false;
  }

  private static MemberDescription described(JoinCall call, ClassicAnswers.Wish wish) {
    JoinGroupRequestData request = call.request();
    List<MemberDescription.Protocol> protocols = new ArrayList<>();
    for (JoinGroupRequestProtocol each : request.protocols()) {
      protocols.add(new MemberDescription.Protocol(each.name(), each.metadata()));
    }
    return new MemberDescription(
        request.groupInstanceId(),
        wish.rack(),
        call.clientId(),
        call.clientHost(),
        wish.topics(),
        null,
        call.rebalanceTimeoutMs(),
        null,
        new MemberDescription.Classic(request.sessionTimeoutMs(), protocols));
  }

  void sync(SyncGroupRequestData request, Reply<SyncGroupResponseData> reply) {
    Errors error = member(request.memberId(), request.groupInstanceId(), request.generationId());
    MemberDescription member = state.member(request.memberId());
    if (error == Errors.NONE && (member == null || differs(request, member))) {
      error = Errors.INCONSISTENT_GROUP_PROTOCOL;
    }
    if (error == Errors.NONE && isBehind(request.memberId())) {
      error = Errors.REBALANCE_IN_PROGRESS;
    }
    if (error != Errors.NONE || member == null) {
      step.effects().answer(reply, syncError(error));
      return;
    }
    extend(request.memberId(), member);
    CurrentAssignment current = state.current(request.memberId());
    step.effects()
        .answerWhenStored(
            reply,
            new SyncGroupResponseData()
                .setProtocolType(CONSUMERS)
                .setProtocolName(protocolOf(member))
                .setAssignment(ClassicAnswers.bytes(current.assigned(), member, step.topics())),
            failure -> syncError(told(failure)));
  }

  private static boolean differs(SyncGroupRequestData request, MemberDescription member) {
    return (request.protocolType() != null && !request.protocolType().equals(CONSUMERS))
        || (request.protocolName() != null && !request.protocolName().equals(protocolOf(member)));
  }

  /** A heartbeat counts even where it is answered that there is a rebalance. */
  Errors heartbeat(HeartbeatRequestData request) {
    String memberId = request.memberId();
    Errors error = member(memberId, request.groupInstanceId(), request.generationId());
    MemberDescription member = state.member(memberId);
    if (error != Errors.NONE || member == null) {
      return error;
    }
    extend(memberId, member);
    // Where nobody speaks the other protocol, nobody else sees that there are more partitions.
    new Progression(step, memberId).settleEpoch(false);
    CurrentAssignment current = state.current(memberId);
    boolean hasToJoin =
        state.epoch().epoch() > current.epoch()
            || current.progress() == Progress.UNREVOKED
            || (current.progress() == Progress.UNRELEASED && mayHaveMore(memberId, current));
    if (!hasToJoin) {
      return Errors.NONE;
    }
    if (!step.group().sessions().owes(memberId)) {
      step.group().sessions().owesUntil(memberId, step.nowMs() + member.rebalanceTimeoutMs());
    }
    return Errors.REBALANCE_IN_PROGRESS;
  }

  private boolean mayHaveMore(String memberId, CurrentAssignment current) {
    return !state
        .holders()
        .freeFor(memberId, state.target(memberId).minus(current.assigned()))
        .isEmpty();
  }

  /** Whether it has to join again before it is told anything. */
  private boolean isBehind(String memberId) {
    CurrentAssignment current = state.current(memberId);
    return state.epoch().epoch() > current.epoch() && current.progress() != Progress.UNREVOKED;
  }

  private void extend(String memberId, MemberDescription member) {
    MemberDescription.Classic classic = member.classic();
    if (classic != null) {
      step.group().sessions().extend(memberId, step.nowMs() + classic.sessionTimeoutMs());
    }
  }

  /** Members of either protocol leave, since an operator takes them out in this way. */
  void leave(LeaveGroupRequestData request, Reply<LeaveGroupResponseData> reply) {
    List<MemberResponse> outcomes = new ArrayList<>(request.members().size());
    Set<String> leaving = new HashSet<>();
    for (MemberIdentity each : request.members()) {
      String memberId =
          each.memberId().isEmpty() ? state.memberOf(each.groupInstanceId()) : each.memberId();
      Errors error =
          memberId == null ? Errors.UNKNOWN_MEMBER_ID : known(memberId, each.groupInstanceId());
      if (error == Errors.NONE && memberId != null) {
        leaving.add(memberId);
      }
      outcomes.add(
          new MemberResponse()
              .setMemberId(each.memberId())
              .setGroupInstanceId(each.groupInstanceId())
              .setErrorCode(error.code()));
    }
    if (!leaving.isEmpty()) {
      Leaving.remove(step, leaving);
    }
    step.effects()
        .answerWhenStored(
            reply,
            new LeaveGroupResponseData().setMembers(outcomes),
            failure -> new LeaveGroupResponseData().setErrorCode(told(failure).code()));
  }

  /** Whether this is a member of the classic protocol, in this generation. */
  private Errors member(String memberId, @Nullable String instanceId, int generation) {
    Errors error = known(memberId, instanceId);
    if (error == Errors.NONE && !state.isClassic(memberId)) {
      error = Errors.UNKNOWN_MEMBER_ID;
    }
    return error == Errors.NONE && state.current(memberId).epoch() != generation
        ? Errors.ILLEGAL_GENERATION
        : error;
  }

  /** Whether this is a member, and a static one is the newest of its name. */
  private Errors known(String memberId, @Nullable String instanceId) {
    if (instanceId != null) {
      String holder = state.memberOf(instanceId);
      if (holder == null) {
        return Errors.UNKNOWN_MEMBER_ID;
      }
      if (!holder.equals(memberId)) {
        return Errors.FENCED_INSTANCE_ID;
      }
    }
    return state.has(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
  }

  private static Errors told(Errors failure) {
    return failure == Errors.MESSAGE_TOO_LARGE ? Errors.GROUP_MAX_SIZE_REACHED : failure;
  }

  private static JoinGroupResponseData joinError(String memberId, Errors error) {
    return new JoinGroupResponseData()
        .setMemberId(memberId)
        .setProtocolName(null)
        .setErrorCode(error.code());
  }

  private static SyncGroupResponseData syncError(Errors error) {
    return new SyncGroupResponseData().setErrorCode(error.code()).setAssignment(new byte[0]);
  }
}
