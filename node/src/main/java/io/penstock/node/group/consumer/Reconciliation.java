package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Brings one member a step towards what it shall have: first it gives back, then it is given what
 * nobody else has any more. So a partition never has two readers, whatever gets lost on the way.
 *
 * @param targetEpoch the epoch of the group that the target is for
 * @param owned what the member says that it has; null where it does not say
 */
record Reconciliation(
    String memberId,
    int targetEpoch,
    MemberTarget target,
    @Nullable MemberTarget owned,
    PartitionHolders holders) {

  /** Where the member is after this step; the same where it cannot get on. */
  CurrentAssignment next(CurrentAssignment now) {
    return switch (now.progress()) {
      case STABLE -> now.epoch() == targetEpoch ? now : towards(now, now.epoch());
      case UNREVOKED -> mayOwn(now.revoking()) ? now : towards(now, now.epoch() + 1);
      case UNRELEASED -> towards(now, now.epoch());
    };
  }

  /**
   * The next step of a member that has given back all that it was to give back before.
   *
   * @param epoch the member's, until it is at the target's
   */
  private CurrentAssignment towards(CurrentAssignment now, int epoch) {
    MemberTarget kept = now.assigned().common(target);
    MemberTarget revoking = now.assigned().minus(kept);
    if (!revoking.isEmpty() && mayOwn(revoking)) {
      return at(now, epoch, Progress.UNREVOKED, kept, revoking);
    }
    MemberTarget wanted = target.minus(kept);
    MemberTarget free = holders.freeFor(memberId, wanted);
    Progress progress = free.size() < wanted.size() ? Progress.UNRELEASED : Progress.STABLE;
    return at(now, targetEpoch, progress, kept.plus(free), MemberTarget.EMPTY);
  }

  private static CurrentAssignment at(
      CurrentAssignment now,
      int epoch,
      Progress progress,
      MemberTarget assigned,
      MemberTarget revoking) {
    int previous = epoch == now.epoch() ? now.previousEpoch() : now.epoch();
    return new CurrentAssignment(
        epoch,
        previous,
        progress,
        assigned,
        revoking,
        now.since().of(assigned.plus(revoking), epoch));
  }

  /** Who says nothing may have kept everything. */
  private boolean mayOwn(MemberTarget revoking) {
    return owned == null || !owned.common(revoking).isEmpty();
  }
}
