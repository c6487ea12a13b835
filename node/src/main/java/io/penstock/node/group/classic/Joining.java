package io.penstock.node.group.classic;

import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.Reply;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** One request to join a group. */
final class Joining {

  /**
   * How long a member that has no id yet is waited for without a sign of life. Its connection may
   * be gone and the member asking again as another one; so that these do not pile up.
   */
  static final long NEW_MEMBER_WAIT_MS = 5 * 60_000;

  private final Step step;
  private final ClassicGroup group;
  private final ClassicMembers members;
  private final JoinCall call;
  private final JoinGroupRequestData request;
  private final List<MemberProtocol> protocols;
  private final Reply<JoinGroupResponseData> reply;

  Joining(Step step, JoinCall call, Reply<JoinGroupResponseData> reply) {
    this.step = step;
    this.group = step.group();
    this.members = step.members();
    this.call = call;
    this.request = call.request();
    this.protocols = MemberProtocol.of(request.protocols());
    this.reply = reply;
  }

  void run() {
    int sessionMs = request.sessionTimeoutMs();
    if (sessionMs < step.settings().sessionTimeoutMinMs()
        || sessionMs > step.settings().sessionTimeoutMaxMs()) {
      refuse(request.memberId(), Errors.INVALID_SESSION_TIMEOUT);
      return;
    }
    ClassicMember known = knownMember();
    if (!hasRoomFor(known)) {
      refuseForSize(known);
    } else if (!supportsOneProtocol()) {
      refuse(request.memberId(), Errors.INCONSISTENT_GROUP_PROTOCOL);
    } else if (call.hasNoId()) {
      joinWithoutId(known);
    } else {
      joinWithId();
    }
  }

  /** The member as which the group knows whoever asks, or null. */
  private @Nullable ClassicMember knownMember() {
    String instanceId = request.groupInstanceId();
    if (call.hasNoId() && instanceId != null) {
      String id = members.idOf(instanceId);
      return id == null ? null : members.find(id);
    }
    return members.find(request.memberId());
  }

  /**
   * A rebalance counts those who have joined, since others may not come; else all members count.
   */
  private boolean hasRoomFor(@Nullable ClassicMember known) {
    int max = step.settings().membersMax();
    boolean hasSeat =
        switch (group.current()) {
          case EMPTY -> true;
          case PREPARING_REBALANCE ->
              (known != null && known.isJoining()) || members.joining() < max;
          case COMPLETING_REBALANCE, STABLE -> known != null || members.size() < max;
        };
    long before = known == null ? 0 : MemberProtocol.bytes(known.protocols());
    long after = members.bytes() - before + MemberProtocol.bytes(protocols);
    return hasSeat && after <= step.settings().memberBytesMax();
  }

  private void refuseForSize(@Nullable ClassicMember known) {
    refuse("", Errors.GROUP_MAX_SIZE_REACHED);
    group.pending().remove(request.memberId());
    if (known != null && MemberChecks.member(group, request) == Errors.NONE) {
      Rebalancing.drop(step, known, Errors.GROUP_MAX_SIZE_REACHED);
      Rebalancing.membersChanged(step);
      return;
    }
    Rebalancing.endIfAllJoined(step);
  }

  private boolean supportsOneProtocol() {
    String type = request.protocolType();
    if (group.is(ClassicState.EMPTY)) {
      return !type.isEmpty() && !protocols.isEmpty();
    }
    return type.equals(group.protocolType())
        && protocols.stream().anyMatch(each -> members.allSupport(each.name()));
  }

  private void joinWithoutId(@Nullable ClassicMember known) {
    String newId = call.newMemberId();
    if (known != null) {
      replaceStatic(known, newId);
    } else if (request.groupInstanceId() == null && call.idRequired()) {
      long deadlineMs = step.nowMs() + request.sessionTimeoutMs();
      group.pending().add(newId, deadlineMs, step.settings().pendingMax());
      group.checkBy(deadlineMs);
      refuse(newId, Errors.MEMBER_ID_REQUIRED);
    } else {
      add(newId);
    }
  }

  private void joinWithId() {
    if (request.groupInstanceId() == null && group.pending().remove(request.memberId())) {
      add(request.memberId());
      return;
    }
    Errors error = MemberChecks.member(group, request);
    ClassicMember member = members.find(request.memberId());
    if (error != Errors.NONE || member == null) {
      refuse(request.memberId(), error);
      return;
    }
    boolean unchanged = MemberProtocol.same(member.protocols(), protocols);
    switch (group.current()) {
      case EMPTY -> throw new IllegalStateException("an empty group with members");
      case PREPARING_REBALANCE -> rejoin(member);
      case COMPLETING_REBALANCE -> {
        // The answer may have been lost: the member asks again for what it has been told.
        if (unchanged) {
          tellAgain(member, members.isLeader(member.id()));
        } else {
          rejoin(member);
        }
      }
      case STABLE -> {
        // A leader that joins wants a rebalance, for a reason that its metadata need not show, such
        // as more partitions.
        if (unchanged && !members.isLeader(member.id())) {
          tellAgain(member, false);
        } else {
          rejoin(member);
        }
      }
    }
  }

  private void add(String newId) {
    if (members.isEmpty()) {
      group.setProtocolType(request.protocolType());
    }
    ClassicMember member = new ClassicMember(newId, call, protocols);
    member.setNew(true);
    members.add(member);
    park(member);
    JoinPhase phase = group.joinPhase();
    if (phase != null && phase.initial()) {
      group.setJoinPhase(phase.withNewMember());
    }
    group.extend(member, step.nowMs(), NEW_MEMBER_WAIT_MS);
    Rebalancing.membersChanged(step);
  }

  private void rejoin(ClassicMember member) {
    members.update(member, call, protocols);
    park(member);
    Rebalancing.membersChanged(step);
  }

  private void tellAgain(ClassicMember member, boolean withMembers) {
    group.extend(member, step.nowMs());
    step.effects().answer(reply, Answers.joined(group, member, withMembers));
  }

  /**
   * A static member is back under a new id, which takes the place of the old one. In a stable group
   * it takes over the assignment too, and nobody else hears of it.
   */
  private void replaceStatic(ClassicMember old, String newId) {
    String leaderBefore = Answers.leaderOf(group);
    Answers.joinFailed(group, old, Errors.FENCED_INSTANCE_ID, step.effects());
    Answers.syncFailed(old, Errors.FENCED_INSTANCE_ID, step.effects());
    ClassicMember member = new ClassicMember(newId, call, protocols);
    member.assign(old.assignment());
    members.replace(old, member);
    if (group.owingSync().remove(old.id())) {
      group.owingSync().add(newId);
    }
    group.extend(member, step.nowMs());
    if (group.is(ClassicState.STABLE) && ProtocolVote.winner(members).equals(group.protocol())) {
      takeOver(member, leaderBefore);
      return;
    }
    park(member);
    Rebalancing.membersChanged(step);
  }

  /**
   * The new id is stored before the member hears of it. A leader must not assign in a stable group,
   * whose members would not hear of that: it is told to skip it, or, in old versions, that its old
   * id leads, which it does not take for its own.
   */
  private void takeOver(ClassicMember member, String leaderBefore) {
    boolean leads = members.isLeader(member.id());
    JoinGroupResponseData answer;
    if (call.maySkipAssignment()) {
      answer = Answers.joined(group, member, leads).setSkipAssignment(leads);
    } else {
      answer = Answers.joined(group, member, false).setLeader(leaderBefore);
    }
    step.effects().store(new GroupRecord.Stored(Answers.snapshot(group)));
    int generation = group.generation();
    step.effects()
        .whenStored((outcome, _, effects) -> {
          Errors error = Answers.unstored(outcome);
          if (error == Errors.NONE) {
            error = sinceReplaced(member, generation);
          }
          effects.answer(reply, error == Errors.NONE ? answer : Answers.joinError("", error));
        });
  }

  /** What has become of the member while its new id was on the way into the log. */
  private Errors sinceReplaced(ClassicMember member, int generation) {
    Errors error = MemberChecks.member(group, member.id(), member.instanceId());
    return error == Errors.NONE && group.generation() != generation
        ? Errors.REBALANCE_IN_PROGRESS
        : error;
  }

  private void park(ClassicMember member) {
    Reply<JoinGroupResponseData> before = members.park(member, reply);
    if (before != null) {
      step.effects().answer(before, Answers.joinError(member.id(), Errors.REBALANCE_IN_PROGRESS));
    }
  }

  private void refuse(String memberId, Errors error) {
    step.effects().answer(reply, Answers.joinError(memberId, error));
  }
}
