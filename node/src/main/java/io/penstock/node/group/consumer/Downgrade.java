package io.penstock.node.group.consumer;

import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.HandedOver;
import io.penstock.node.group.effect.MemberDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes a classic group of one whose members all speak the classic protocol. */
final class Downgrade {

  private static final String CONSUMERS = "consumer";

  private Downgrade() {}

  /** Whether the group is a classic one from here on; if not, nothing has changed. */
  static boolean happens(Step step) {
    ConsumerState state = step.state();
    ConsumerSettings.Migration migration = step.settings().migration();
    if (!migration.mayDowngrade()
        || state.size() == 0
        || state.size() > migration.classic().membersMax()) {
      return false;
    }
    List<HandedOver.Member> members = new ArrayList<>(state.size());
    for (Map.Entry<String, MemberDescription> each : state.members().entrySet()) {
      MemberDescription member = each.getValue();
      MemberDescription.Classic classic = member.classic();
      if (classic == null) {
        return false;
      }
      members.add(
          new HandedOver.Member(
              each.getKey(),
              member.instanceId(),
              member.clientId(),
              member.clientHost(),
              member.rebalanceTimeoutMs(),
              classic.sessionTimeoutMs(),
              classic.protocols(),
              ClassicAnswers.bytes(
                  state.current(each.getKey()).assigned(), member, step.topics())));
    }
    step.group().removal().forEach(step.effects()::append);
    step.effects()
        .replaceWith(
            ClassicGroup.taking(
                new HandedOver(state.groupId(), CONSUMERS, state.epoch().epoch(), members),
                migration.classic(),
                step.nowMs(),
                step.effects()));
    return true;
  }
}
