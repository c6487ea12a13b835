package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.effect.Reply;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * One request of a member for its assignment. The leader's brings those of all; they are stored
 * before anybody hears of them.
 */
final class Syncing {

  private final Step step;
  private final ClassicGroup group;
  private final SyncGroupRequestData request;
  private final Reply<SyncGroupResponseData> reply;

  Syncing(Step step, SyncGroupRequestData request, Reply<SyncGroupResponseData> reply) {
    this.step = step;
    this.group = step.group();
    this.request = request;
    this.reply = reply;
  }

  void run() {
    Errors error = MemberChecks.sync(group, request);
    ClassicMember member = group.members().find(request.memberId());
    if (error != Errors.NONE || member == null) {
      step.effects().answer(reply, Answers.syncError(error));
      return;
    }
    switch (group.current()) {
      case EMPTY -> throw new IllegalStateException("an empty group with members");
      case PREPARING_REBALANCE ->
          step.effects().answer(reply, Answers.syncError(Errors.REBALANCE_IN_PROGRESS));
      case COMPLETING_REBALANCE -> await(member);
      case STABLE -> {
        group.owesNoSync(member.id());
        group.extend(member, step.nowMs());
        step.effects().answer(reply, Answers.synced(group, member));
      }
    }
  }

  private void await(ClassicMember member) {
    Answers.syncFailed(member, Errors.REBALANCE_IN_PROGRESS, step.effects());
    member.setSyncing(reply);
    group.owesNoSync(member.id());
    if (group.members().isLeader(member.id()) && !group.isStoring()) {
      store();
    }
  }

  private void store() {
    Map<String, byte[]> assignments = HashMap.newHashMap(request.assignments().size());
    for (SyncGroupRequestAssignment each : request.assignments()) {
      assignments.put(each.memberId(), each.assignment());
    }
    for (ClassicMember each : group.members().all()) {
      group.members().assign(each, assignments.getOrDefault(each.id(), ClassicMember.NO_BYTES));
    }
    GroupSnapshot snapshot = Answers.snapshot(group);
    int generation = group.generation();
    group.setStoring(true);
    if (snapshot.recordBytesMax() > step.settings().snapshotBytesMax()) {
      stored(step, generation, Errors.MESSAGE_TOO_LARGE);
      return;
    }
    step.effects().store(new GroupRecord.Stored(snapshot));
    step.effects()
        .whenStored((outcome, nowMs, effects) ->
            stored(new Step(group, nowMs, effects), generation, outcome));
  }

  /** The log has the assignments, or will not have them; a later rebalance has made both vain. */
  private static void stored(Step step, int generation, Errors outcome) {
    ClassicGroup group = step.group();
    if (group.generation() != generation || !group.isStoring()) {
      return;
    }
    group.setStoring(false);
    if (outcome == Errors.NONE) {
      handOut(step);
      return;
    }
    Rebalancing.failSyncs(step, Answers.unstored(outcome));
    for (ClassicMember each : group.members().all()) {
      group.members().assign(each, ClassicMember.NO_BYTES);
    }
    Rebalancing.begin(step);
  }

  private static void handOut(Step step) {
    ClassicGroup group = step.group();
    Effects effects = step.effects();
    group.become(ClassicState.STABLE, step.nowMs());
    for (ClassicMember each : group.members().all()) {
      Reply<SyncGroupResponseData> waiting = each.syncing();
      if (waiting != null) {
        each.setSyncing(null);
        group.extend(each, step.nowMs());
        effects.answer(waiting, Answers.synced(group, each));
      }
    }
  }
}
