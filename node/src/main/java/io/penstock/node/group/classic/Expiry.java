package io.penstock.node.group.classic;

import org.apache.kafka.common.protocol.Errors;

/** What time does to a group. */
final class Expiry {

  private Expiry() {}

  static void run(Step step) {
    ClassicGroup group = step.group();
    if (group.checkMs() <= step.nowMs()) {
      checkMembers(step);
    }
    JoinPhase phase = group.joinPhase();
    if (phase != null && phase.deadlineMs() <= step.nowMs()) {
      Rebalancing.joinDeadline(step, phase);
    }
    if (group.syncDeadlineMs() <= step.nowMs()) {
      Rebalancing.syncDeadline(step);
    }
  }

  /** Takes out who has not been heard of for too long. */
  private static void checkMembers(Step step) {
    ClassicGroup group = step.group();
    boolean idsGone = group.pending().expire(step.nowMs());
    boolean membersGone = false;
    long nextMs = group.pending().nextDeadlineMs();
    for (ClassicMember each : group.members().copy()) {
      if (each.deadlineMs() <= step.nowMs()) {
        if (!each.isExcused()) {
          Rebalancing.drop(step, each, Errors.UNKNOWN_MEMBER_ID);
          membersGone = true;
          continue;
        }
        each.setDeadlineMs(step.nowMs() + each.sessionTimeoutMs());
      }
      nextMs = Math.min(nextMs, each.deadlineMs());
    }
    group.setCheckMs(nextMs);
    if (membersGone) {
      Rebalancing.membersChanged(step);
    } else if (idsGone) {
      Rebalancing.endIfAllJoined(step);
    }
  }
}
