package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.GroupEpoch;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import io.penstock.node.group.effect.MemberDescription;
import org.jspecify.annotations.Nullable;

/**
 * What follows from what a member has said: the group's next epoch, its target, the member's step.
 */
final class Progression {

  private final Step step;
  private final ConsumerState state;
  private final String memberId;

  Progression(Step step, String memberId) {
    this.step = step;
    this.state = step.state();
    this.memberId = memberId;
  }

  /**
   * Begins the next epoch where members want other topics, or the topics are not what they were.
   */
  void settleEpoch(boolean wantsOthers) {
    ConsumerGroup group = step.group();
    boolean bump = Regexes.refresh(step) || wantsOthers;
    Subscriptions subscriptions = null;
    if (bump || group.hasNewTopics()) {
      group.seeTopics(step.effects());
      subscriptions = new Subscriptions(state, step.topics());
      long hash = subscriptions.hash();
      if (bump || hash != state.epoch().metadataHash()) {
        step.change(
            new ConsumerGroupRecord.Epoch(
                state.groupId(), new GroupEpoch(state.epoch().epoch() + 1, hash)));
      }
    }
    if (state.epoch().epoch() > state.targetEpoch()) {
      Targets.decide(
          step, subscriptions == null ? new Subscriptions(state, step.topics()) : subscriptions);
    }
  }

  /**
   * Brings the member nearer to its target, and gives it another session.
   *
   * @param owned what it says that it has; null where it does not say
   */
  void reconcile(@Nullable MemberTarget owned, int sessionTimeoutMs) {
    CurrentAssignment before = state.current(memberId);
    CurrentAssignment after =
        new Reconciliation(
                memberId, state.targetEpoch(), state.target(memberId), owned, state.holders())
            .next(before);
    Sessions sessions = step.group().sessions();
    step.effects().ifNotAppended(() -> step.group().giveTime(step.nowMs()));
    sessions.extend(memberId, step.nowMs() + sessionTimeoutMs);
    if (!after.equals(before) || !state.hasCurrent(memberId)) {
      step.change(new ConsumerGroupRecord.Current(state.groupId(), memberId, after));
      if (after.progress() == Progress.UNREVOKED) {
        sessions.owesUntil(memberId, step.nowMs() + rebalanceTimeoutMs());
      } else {
        sessions.owesNothing(memberId);
      }
    }
  }

  private int rebalanceTimeoutMs() {
    MemberDescription member = state.member(memberId);
    return member == null ? 0 : member.rebalanceTimeoutMs();
  }
}
