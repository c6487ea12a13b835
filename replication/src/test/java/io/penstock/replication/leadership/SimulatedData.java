package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.value.NodeIds;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The records that leaders told producers to be committed, for each partition. A leader of the
 * newest epoch must have all of them, unless an operator elected uncleanly, or the last replica
 * that was known to have them lost its tail.
 */
final class SimulatedData {

  /** Names a partition. */
  record PartitionKey(UUID topic, int partition) {}

  private static final class Committed {
    private final SimulatedLog log = new SimulatedLog();

    /** Loss is allowed up to here: leaders before this epoch commit no more. */
    private int lineage;

    private boolean mayLack;
  }

  private final Map<PartitionKey, Committed> partitions = new HashMap<>();

  private Committed committed(PartitionKey key) {
    return partitions.computeIfAbsent(key, _ -> new Committed());
  }

  /** Notes where the command allows that committed records are lost. */
  void applied(LeadershipImage before, LeadershipImage after, LeadershipCommand command) {
    int lost = LeadershipInvariants.lostData(before, command);
    boolean unclean =
        command instanceof ElectLeaders(ElectionKind kind, _) && kind == ElectionKind.UNCLEAN;
    if (lost < 0 && !unclean) {
      return;
    }
    for (TopicImage topic : after.topics()) {
      for (int i = 0; i < topic.partitionCount(); i++) {
        PartitionImage is = topic.partitions().get(i);
        PartitionImage was = before.partition(topic.id(), i);
        if (was == null) {
          continue;
        }
        if (unclean && !was.equals(is) && !knownToHaveAll(was, is.leader())) {
          allowLoss(new PartitionKey(topic.id(), i), is.leaderEpoch());
        } else if (knownToHaveAll(was, lost) && onlyOne(was) && !is.bereft()) {
          allowLoss(new PartitionKey(topic.id(), i), is.leaderEpoch() + 1);
        }
      }
    }
  }

  private static boolean knownToHaveAll(PartitionImage partition, int id) {
    return !partition.bereft() && (partition.isr().contains(id) || partition.elr().contains(id));
  }

  private static boolean onlyOne(PartitionImage partition) {
    NodeIds isr = partition.isr();
    return isr.size() + partition.elr().size() == 1;
  }

  private void allowLoss(PartitionKey key, int leaderEpoch) {
    Committed committed = committed(key);
    committed.lineage = leaderEpoch;
    committed.mayLack = true;
  }

  /** A leader of the newest epoch takes requests. */
  void leads(PartitionKey key, int leaderEpoch, SimulatedLog log) {
    Committed committed = committed(key);
    int common = log.commonWith(committed.log);
    if (committed.mayLack && leaderEpoch >= committed.lineage) {
      committed.log.cut(common);
      committed.mayLack = false;
    }
    assertTrue(
        common >= committed.log.size(),
        () -> key + " leader lacks records from " + common + " of " + committed.log.size());
  }

  /** A leader, perhaps one of the past, says that all before the offset is committed. */
  void commits(PartitionKey key, int leaderEpoch, SimulatedLog log, int offset) {
    Committed committed = committed(key);
    if (leaderEpoch < committed.lineage || committed.mayLack) {
      return;
    }
    int common = log.commonWith(committed.log);
    assertTrue(
        common >= Math.min(offset, committed.log.size()),
        () -> key + " committed otherwise at " + common + ", epoch " + leaderEpoch);
    if (offset > committed.log.size()) {
      committed.log.copyOf(log, offset);
    }
  }
}
