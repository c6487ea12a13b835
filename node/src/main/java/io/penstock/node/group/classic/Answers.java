package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** What members are told, and what the log is told of them. */
final class Answers {

  private Answers() {}

  static JoinGroupResponseData joinError(String memberId, Errors error) {
    return new JoinGroupResponseData()
        .setMemberId(memberId)
        .setProtocolName(null)
        .setErrorCode(error.code());
  }

  /** The generation that the group is in, as one of its members sees it. */
  static JoinGroupResponseData joined(
      ClassicGroup group, ClassicMember member, boolean withMembers) {
    return new JoinGroupResponseData()
        .setMemberId(member.id())
        .setGenerationId(group.generation())
        .setProtocolType(group.protocolType())
        .setProtocolName(group.protocol())
        .setLeader(leaderOf(group))
        .setMembers(withMembers ? membersOf(group) : new ArrayList<>(0));
  }

  static String leaderOf(ClassicGroup group) {
    String leader = group.members().leader();
    return leader == null ? "" : leader;
  }

  private static List<JoinGroupResponseMember> membersOf(ClassicGroup group) {
    List<JoinGroupResponseMember> members = new ArrayList<>(group.members().size());
    for (ClassicMember each : group.members().all()) {
      members.add(
          new JoinGroupResponseMember()
              .setMemberId(each.id())
              .setGroupInstanceId(each.instanceId())
              .setMetadata(each.metadata(group.protocol())));
    }
    return members;
  }

  static SyncGroupResponseData syncError(Errors error) {
    return new SyncGroupResponseData()
        .setErrorCode(error.code())
        .setAssignment(ClassicMember.NO_BYTES);
  }

  static SyncGroupResponseData synced(ClassicGroup group, ClassicMember member) {
    return new SyncGroupResponseData()
        .setProtocolType(group.protocolType())
        .setProtocolName(group.protocol())
        .setAssignment(member.assignment());
  }

  /** Ends the wait of a member that joins, if it does. */
  static void joinFailed(ClassicGroup group, ClassicMember member, Errors error, Effects effects) {
    Reply<JoinGroupResponseData> reply = group.members().unpark(member);
    if (reply != null) {
      effects.answer(reply, joinError(member.isNew() ? "" : member.id(), error));
    }
  }

  /** Ends the wait of a member for its assignment, if it does wait. */
  static void syncFailed(ClassicMember member, Errors error, Effects effects) {
    Reply<SyncGroupResponseData> reply = member.syncing();
    if (reply != null) {
      member.setSyncing(null);
      effects.answer(reply, syncError(error));
    }
  }

  /** What a member hears when the log did not take what it was to be told. */
  static Errors unstored(Errors outcome) {
    return switch (outcome) {
      case UNKNOWN_TOPIC_OR_PARTITION,
          NOT_ENOUGH_REPLICAS,
          NOT_ENOUGH_REPLICAS_AFTER_APPEND,
          REQUEST_TIMED_OUT ->
          Errors.COORDINATOR_NOT_AVAILABLE;
      case NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, KAFKA_STORAGE_ERROR ->
          Errors.NOT_COORDINATOR;
      case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_FETCH_SIZE ->
          Errors.UNKNOWN_SERVER_ERROR;
      default -> outcome;
    };
  }

  /** The group as the log is to have it. */
  static GroupSnapshot snapshot(ClassicGroup group) {
    List<GroupSnapshot.Member> members = new ArrayList<>(group.members().size());
    for (ClassicMember each : group.members().all()) {
      members.add(
          new GroupSnapshot.Member(
              each.id(),
              each.instanceId(),
              each.clientId(),
              each.clientHost(),
              each.rebalanceTimeoutMs(),
              each.sessionTimeoutMs(),
              each.metadata(group.protocol()),
              each.assignment()));
    }
    return new GroupSnapshot(
        group.id(),
        group.protocolType(),
        group.generation(),
        group.protocol(),
        group.members().leader(),
        group.stateTimestampMs(),
        members);
  }
}
