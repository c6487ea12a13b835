package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.GroupSpec;
import io.penstock.node.group.assign.MemberSpec;
import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.ServerAssignor;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.TargetTime;
import io.penstock.node.group.effect.MemberDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Decides what each member of a group shall have in the group's epoch. */
final class Targets {

  private Targets() {}

  static void decide(Step step, Subscriptions subscriptions) {
    ConsumerState state = step.state();
    List<MemberSpec> members = new ArrayList<>(state.size());
    state
        .members()
        .forEach((memberId, member) ->
            members.add(
                new MemberSpec(
                    memberId,
                    member.instanceId(),
                    member.rack(),
                    subscriptions.idsFor(member.topics(), member.regex()),
                    state.target(memberId))));
    Map<String, MemberTarget> decided =
        assignor(state, step.settings()).assign(GroupSpec.of(members, subscriptions.specs()));
    for (MemberSpec each : members) {
      MemberTarget target = decided.getOrDefault(each.memberId(), MemberTarget.EMPTY);
      if (!target.equals(each.target()) || !state.hasTarget(each.memberId())) {
        step.change(new ConsumerGroupRecord.Target(state.groupId(), each.memberId(), target));
      }
    }
    step.change(
        new ConsumerGroupRecord.TargetEpoch(
            state.groupId(), new TargetTime(state.epoch().epoch(), step.nowMs())));
  }

  /** The one that most members would like; of several, the one that was asked for first. */
  static ServerAssignor assignor(ConsumerState state, ConsumerSettings settings) {
    Map<ServerAssignor, Integer> votes = new LinkedHashMap<>();
    for (MemberDescription each : state.members().values()) {
      ServerAssignor wanted = each.assignor() == null ? null : settings.assignor(each.assignor());
      if (wanted != null) {
        votes.merge(wanted, 1, Integer::sum);
      }
    }
    ServerAssignor winner = settings.assignors().get(0);
    int most = 0;
    for (Map.Entry<ServerAssignor, Integer> each : votes.entrySet()) {
      if (each.getValue() > most) {
        most = each.getValue();
        winner = each.getKey();
      }
    }
    return winner;
  }
}
