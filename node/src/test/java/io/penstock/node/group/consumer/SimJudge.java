package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.classic.HandedOver;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.MemberDescription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What has to hold of a simulated group after every step, whatever its members do. */
final class SimJudge {

  private record Partition(UUID topic, int index) {}

  private final SimWorld world;
  private final List<SimMember> clients = new ArrayList<>();
  private int epochCommitted;

  SimJudge(SimWorld world) {
    this.world = world;
  }

  void watch(SimMember client) {
    clients.add(client);
  }

  void holds(boolean condition, String claim) {
    if (!condition) {
      throw new AssertionError("does not hold: " + claim + "\n" + world.trace());
    }
  }

  /** After every step. */
  void check() {
    if (world.group().isClassic()) {
      checkClassics();
      return;
    }
    ConsumerState state = world.group().consumers().inner();
    Map<Partition, String> holders = new HashMap<>();
    for (String memberId : state.memberIds()) {
      CurrentAssignment current = state.current(memberId);
      add(holders, memberId, current.assigned());
      add(holders, memberId, current.revoking());
      holds(
          current.progress() == Progress.UNREVOKED || current.revoking().isEmpty(),
          "only who has to give back has something to give back");
      MemberTarget held = current.assigned().plus(current.revoking());
      holds(
          current.since().equals(current.since().of(held, Integer.MAX_VALUE)),
          "it is known since when a member has what it has");
      holds(current.epoch() <= state.targetEpoch(), "nobody is ahead of the target");
      holds(
          !current.isAt(state.targetEpoch()) || current.assigned().equals(state.target(memberId)),
          "who is stable has its target");
      holds(
          world.group().consumers().sessions().hasSession(memberId), "every member has a session");
    }
    holders.forEach((partition, memberId) ->
        holds(
            memberId.equals(state.holders().of(partition.topic(), partition.index())),
            "holders are known"));
    holds(state.size() <= world.settings.membersMax(), "bounded members");
    holds(state.targetEpoch() <= state.epoch().epoch(), "no target is ahead of its group");
    if (state.targetEpoch() == state.epoch().epoch()) {
      checkTargets(state);
    }
    for (SimMember each : clients) {
      checkClient(state, each);
    }
  }

  private void add(Map<Partition, String> holders, String memberId, MemberTarget partitions) {
    partitions
        .topics()
        .forEach((topic, set) ->
            set.stream()
                .forEach(index ->
                    holds(
                        holders.put(new Partition(topic, index), memberId) == null,
                        "a partition has one holder")));
  }

  private void checkTargets(ConsumerState state) {
    Map<Partition, String> targets = new HashMap<>();
    for (String memberId : state.memberIds()) {
      add(targets, memberId, state.target(memberId));
    }
  }

  /** What the leader has given to one it has given to nobody else. */
  private void checkClassics() {
    HandedOver group = world.group().classics().handedOver();
    Set<String> members = new HashSet<>();
    group.members().forEach(each -> members.add(each.memberId()));
    Map<Partition, String> readers = new HashMap<>();
    for (SimMember each : clients) {
      if (each.isAlive()
          && members.contains(each.memberId())
          && each.epoch() == group.generation()) {
        add(readers, each.toString(), each.owned());
      }
    }
  }

  /** Who is let read and commit has what it has from the group. */
  private void checkClient(ConsumerState state, SimMember client) {
    if (!client.isAlive() || !state.has(client.memberId()) || client.epoch() <= 0) {
      return;
    }
    CurrentAssignment current = state.current(client.memberId());
    if (current.epoch() == client.epoch()) {
      MemberTarget held = current.assigned().plus(current.revoking());
      holds(
          client.owned().minus(held).isEmpty(),
          client + " has " + client.owned() + " and is to have " + held);
    }
  }

  /** Where a group has no members, it begins anew in the other protocol. */
  void committed(List<GroupRecord> batch) {
    if (world.settings.migration().mayDowngrade()) {
      return;
    }
    for (GroupRecord each : batch) {
      if (each instanceof ConsumerGroupRecord.Epoch epoch && epoch.value() != null) {
        holds(epoch.value().epoch() > epochCommitted, "the stored epoch rises");
        epochCommitted = epoch.value().epoch();
      }
    }
  }

  /** The group is the one that its log says. */
  void isWhatWasWritten(List<List<GroupRecord>> log) {
    ConsumerState written = SimGroup.replayed(log);
    if (world.group().isClassic()) {
      holds(written.isBlank(), "nothing is left of the other protocol");
      return;
    }
    ConsumerState state = world.group().consumers().inner();
    holds(written.epoch().equals(state.epoch()), "the epoch is as written");
    holds(written.targetTime().equals(state.targetTime()), "the target's epoch is as written");
    Map<String, MemberDescription> members = new HashMap<>(written.members());
    holds(members.equals(new HashMap<>(state.members())), "members are as written");
    holds(written.names().equals(state.names()), "subscriptions are counted");
    holds(written.memberBytes() == state.memberBytes(), "bytes are counted");
    holds(written.regexes().equals(state.regexes()), "expressions are as written");
    for (String each : written.memberIds()) {
      holds(written.target(each).equals(state.target(each)), "targets are as written");
      holds(written.current(each).equals(state.current(each)), "assignments are as written");
    }
  }
}
