package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipEvent.PartitionChanged;
import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlError;
import java.util.EnumSet;
import java.util.Set;

/** What the schedules must have come across, or they would prove nothing. */
enum Situation {
  LEADER_FROM_ELR,
  NO_LEADER,
  ISR_GREW,
  STALE_ISR_CHANGE,
  INELIGIBLE_MEMBER,
  LOST_DATA_AND_LEFT,
  LOST_DATA_AS_THE_LAST_ONE,
  LEADERSHIP_DRAINED;

  /** Those that this command is an example of. */
  static Set<Situation> of(
      LeadershipImage before,
      LeadershipCommand command,
      Applied<LeadershipImage, LeadershipEvent, LeadershipResult> applied) {
    Set<Situation> found = EnumSet.noneOf(Situation.class);
    int lost = LeadershipInvariants.lostData(before, command);
    for (LeadershipEvent event : applied.events()) {
      if (event instanceof PartitionChanged(_, _, _, PartitionImage was, PartitionImage is)) {
        found.addAll(of(command, lost, was, is));
      }
    }
    if (applied.result() instanceof PartitionsResult(var outcomes)) {
      for (PartitionOutcome outcome : outcomes) {
        if (outcome.error() == ControlError.STALE_PARTITION_EPOCH) {
          found.add(STALE_ISR_CHANGE);
        } else if (outcome.error() == ControlError.INELIGIBLE_REPLICA) {
          found.add(INELIGIBLE_MEMBER);
        }
      }
    }
    return found;
  }

  private static Set<Situation> of(
      LeadershipCommand command, int lost, PartitionImage was, PartitionImage is) {
    Set<Situation> found = EnumSet.noneOf(Situation.class);
    if (!is.hasLeader()) {
      found.add(NO_LEADER);
    } else if (was.elr().contains(is.leader())) {
      found.add(LEADER_FROM_ELR);
    }
    if (command instanceof ChangeIsr && is.isr().size() > was.isr().size()) {
      found.add(ISR_GREW);
    }
    if (command instanceof DrainBroker && is.leader() != was.leader()) {
      found.add(LEADERSHIP_DRAINED);
    }
    if (lost >= 0 && (was.isr().contains(lost) || was.elr().contains(lost))) {
      found.add(is.isr().contains(lost) ? LOST_DATA_AS_THE_LAST_ONE : LOST_DATA_AND_LEFT);
    }
    return found;
  }
}
