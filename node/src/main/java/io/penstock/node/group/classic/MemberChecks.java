package io.penstock.node.group.classic;

import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Who may do what in a group, by member id, static instance, generation and state. */
final class MemberChecks {

  private MemberChecks() {}

  /** Whether this is a member, and a static one is the newest of its name. */
  static Errors member(ClassicGroup group, String memberId, @Nullable String instanceId) {
    if (instanceId != null) {
      String current = group.members().idOf(instanceId);
      if (current == null) {
        return Errors.UNKNOWN_MEMBER_ID;
      }
      if (!current.equals(memberId)) {
        return Errors.FENCED_INSTANCE_ID;
      }
    }
    return group.members().has(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
  }

  static Errors member(ClassicGroup group, JoinGroupRequestData request) {
    return member(group, request.memberId(), request.groupInstanceId());
  }

  static Errors member(
      ClassicGroup group, String memberId, @Nullable String instanceId, int generation) {
    Errors error = member(group, memberId, instanceId);
    if (error == Errors.NONE && generation != group.generation()) {
      return Errors.ILLEGAL_GENERATION;
    }
    return error;
  }

  static Errors sync(ClassicGroup group, SyncGroupRequestData request) {
    Errors error =
        member(group, request.memberId(), request.groupInstanceId(), request.generationId());
    if (error == Errors.NONE
        && (differs(request.protocolType(), group.protocolType())
            || differs(request.protocolName(), group.protocol()))) {
      return Errors.INCONSISTENT_GROUP_PROTOCOL;
    }
    return error;
  }

  /** Old versions do not say it, which is no contradiction. */
  private static boolean differs(@Nullable String said, @Nullable String known) {
    return said != null && known != null && !said.equals(known);
  }

  /** A heartbeat counts even where it is answered that there is a rebalance. */
  static Errors heartbeat(ClassicGroup group, HeartbeatRequestData request, long nowMs) {
    Errors error =
        member(group, request.memberId(), request.groupInstanceId(), request.generationId());
    if (error != Errors.NONE) {
      return error;
    }
    extend(group, request.memberId(), nowMs);
    return group.is(ClassicState.PREPARING_REBALANCE) ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
  }

  /**
   * Who has no generation commits without being a member, which a group without members allows. Who
   * is a member may commit its generation's offsets until the next one has begun: then what it
   * holds may be another's.
   */
  static Errors commit(
      ClassicGroup group,
      String memberId,
      @Nullable String instanceId,
      int generation,
      long nowMs) {
    if (generation < 0 && group.is(ClassicState.EMPTY)) {
      return Errors.NONE;
    }
    if (generation < 0 && memberId.isEmpty() && instanceId == null) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    Errors error = member(group, memberId, instanceId, generation);
    if (error != Errors.NONE) {
      return error;
    }
    if (group.is(ClassicState.COMPLETING_REBALANCE)) {
      return Errors.REBALANCE_IN_PROGRESS;
    }
    extend(group, memberId, nowMs);
    return Errors.NONE;
  }

  private static void extend(ClassicGroup group, String memberId, long nowMs) {
    ClassicMember member = group.members().find(memberId);
    if (member != null && !member.isNew()) {
      group.extend(member, nowMs);
    }
  }
}
