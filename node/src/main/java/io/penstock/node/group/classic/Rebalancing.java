package io.penstock.node.group.classic;

import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.Reply;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * How a group comes from one generation to the next: when members have to rejoin, how long they are
 * waited for, who is left behind.
 */
final class Rebalancing {

  /** The shortest wait for static members where they themselves say that they need none. */
  private static final long POSTPONED_MIN_MS = 1_000;

  private Rebalancing() {}

  /** Members have come, gone or changed: begins a rebalance, or sees whether this one is over. */
  static void membersChanged(Step step) {
    if (step.group().is(ClassicState.PREPARING_REBALANCE)) {
      endIfAllJoined(step);
    } else {
      begin(step);
    }
  }

  /** Has all members rejoin. */
  static void begin(Step step) {
    ClassicGroup group = step.group();
    boolean initial = group.is(ClassicState.EMPTY);
    failSyncs(step, Errors.REBALANCE_IN_PROGRESS);
    group.owingSync().clear();
    group.setSyncDeadlineMs(ClassicGroup.NEVER);
    group.setStoring(false);
    group.become(ClassicState.PREPARING_REBALANCE, step.nowMs());
    long timeoutMs = group.members().rebalanceTimeoutMs();
    if (!initial) {
      group.setJoinPhase(JoinPhase.until(step.nowMs() + timeoutMs));
      endIfAllJoined(step);
      return;
    }
    long delayMs = step.settings().initialRebalanceDelayMs();
    group.setJoinPhase(JoinPhase.ofEmptyGroup(step.nowMs(), delayMs, timeoutMs));
    if (delayMs == 0) {
      end(step);
    }
  }

  /** Ends the wait for members where nobody is missing; an initial wait takes its time. */
  static void endIfAllJoined(Step step) {
    ClassicGroup group = step.group();
    JoinPhase phase = group.joinPhase();
    if (group.is(ClassicState.PREPARING_REBALANCE)
        && phase != null
        && !phase.initial()
        && group.members().allJoined()
        && group.pending().isEmpty()) {
      end(step);
    }
  }

  /** The time to join is over. */
  static void joinDeadline(Step step, JoinPhase phase) {
    if (phase.goesOn()) {
      int delayMs = step.settings().initialRebalanceDelayMs();
      step.group().setJoinPhase(phase.next(step.nowMs(), delayMs));
      return;
    }
    end(step);
  }

  /** Leaves behind who has not joined, and begins the next generation with the others. */
  private static void end(Step step) {
    ClassicGroup group = step.group();
    for (ClassicMember each : group.members().copy()) {
      if (!each.isJoining() && each.instanceId() == null) {
        group.members().remove(each);
      }
    }
    if (!group.members().electJoined() && !group.members().isEmpty()) {
      // Only static members are left, and none of them here: they may be restarting. Their
      // sessions decide.
      long waitMs = Math.max(group.members().rebalanceTimeoutMs(), POSTPONED_MIN_MS);
      group.setJoinPhase(JoinPhase.until(step.nowMs() + waitMs));
      return;
    }
    group.nextGeneration(step.nowMs());
    if (group.is(ClassicState.EMPTY)) {
      step.effects().store(new GroupRecord.Stored(Answers.snapshot(group)));
      return;
    }
    announce(step);
  }

  /** Tells all who have joined of the generation; they are to ask for their assignment then. */
  private static void announce(Step step) {
    ClassicGroup group = step.group();
    for (ClassicMember each : group.members().all()) {
      Reply<JoinGroupResponseData> reply = group.members().unpark(each);
      if (reply != null) {
        boolean leads = group.members().isLeader(each.id());
        step.effects().answer(reply, Answers.joined(group, each, leads));
      }
      each.setNew(false);
      group.extend(each, step.nowMs());
      group.owingSync().add(each.id());
    }
    group.setSyncDeadlineMs(step.nowMs() + group.members().rebalanceTimeoutMs());
  }

  /** Members who have heard of the generation long ago do not ask for what they were assigned. */
  static void syncDeadline(Step step) {
    ClassicGroup group = step.group();
    group.setSyncDeadlineMs(ClassicGroup.NEVER);
    boolean removed = false;
    for (ClassicMember each : group.members().copy()) {
      if (group.owingSync().contains(each.id())) {
        drop(step, each, Errors.UNKNOWN_MEMBER_ID);
        removed = true;
      }
    }
    if (removed) {
      membersChanged(step);
    }
  }

  /** Takes a member out; what it waits for here ends with the error. */
  static void drop(Step step, ClassicMember member, Errors error) {
    ClassicGroup group = step.group();
    Answers.joinFailed(group, member, error, step.effects());
    Answers.syncFailed(member, error, step.effects());
    group.members().remove(member);
    group.owesNoSync(member.id());
  }

  /**
   * Ends all waits for assignments. Who waited was excused from heartbeats, so that its session
   * begins anew: it is to have the time to rejoin.
   */
  static void failSyncs(Step step, Errors error) {
    for (ClassicMember each : step.group().members().all()) {
      if (each.syncing() != null) {
        Answers.syncFailed(each, error, step.effects());
        step.group().extend(each, step.nowMs());
      }
    }
  }
}
