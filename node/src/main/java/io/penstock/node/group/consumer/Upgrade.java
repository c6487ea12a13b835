package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.classic.HandedOver;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.GroupEpoch;
import io.penstock.node.group.effect.ConsumerGroupRecord.TargetTime;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.MemberDescription;
import org.jspecify.annotations.Nullable;

/**
 * Makes a group of the consumer protocol out of a classic one: its generation becomes the epoch,
 * what its members were assigned is what they have and shall have.
 */
final class Upgrade {

  private static final String CONSUMERS = "consumer";

  private Upgrade() {}

  /** Null where members are no consumers, or what they say cannot be read, or it is not to be. */
  static @Nullable ConsumerState of(
      HandedOver classic, ConsumerSettings settings, TopicCatalog topics, long nowMs) {
    if (!settings.migration().mayUpgrade()
        || !classic.protocolType().equals(CONSUMERS)
        || classic.members().size() > settings.membersMax()) {
      return null;
    }
    ConsumerState state = new ConsumerState(classic.groupId());
    for (HandedOver.Member each : classic.members()) {
      ClassicAnswers.Wish wish =
          each.protocols().isEmpty()
              ? null
              : ClassicAnswers.read(each.protocols().get(0).metadata(), topics);
      MemberTarget assigned = ClassicAnswers.assigned(each.assignment(), topics);
      if (wish == null || assigned == null) {
        return null;
      }
      add(state, each, wish, assigned, classic.generation());
    }
    long hash = new Subscriptions(state, topics).hash();
    state.apply(
        new ConsumerGroupRecord.Epoch(
            classic.groupId(), new GroupEpoch(classic.generation(), hash)));
    state.apply(
        new ConsumerGroupRecord.TargetEpoch(
            classic.groupId(), new TargetTime(classic.generation(), nowMs)));
    return state;
  }

  /** What a leader has given to several has the first of them. */
  private static void add(
      ConsumerState state,
      HandedOver.Member member,
      ClassicAnswers.Wish wish,
      MemberTarget assigned,
      int generation) {
    String memberId = member.memberId();
    MemberTarget own = state.holders().freeFor(memberId, assigned);
    state.apply(
        new ConsumerGroupRecord.Member(
            state.groupId(),
            memberId,
            new MemberDescription(
                member.instanceId(),
                wish.rack(),
                member.clientId(),
                member.clientHost(),
                wish.topics(),
                null,
                member.rebalanceTimeoutMs(),
                null,
                new MemberDescription.Classic(member.sessionTimeoutMs(), member.protocols()))));
    state.apply(new ConsumerGroupRecord.Target(state.groupId(), memberId, own));
    state.apply(
        new ConsumerGroupRecord.Current(
            state.groupId(), memberId, CurrentAssignment.since(generation, own)));
  }
}
