package io.penstock.cluster.replication;

import io.penstock.cluster.control.Agreement;
import io.penstock.cluster.nodes.NodeView.Group;
import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** kill -9 of the node that decides for the cluster, together with the partitions that it leads. */
@Timeout(900)
@EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
class KillBothGroupsLeaderTest {

  @Test
  void keepsWhatWasAcknowledgedWhenTheLeaderOfBothGroupsIsKilled() throws Exception {
    Trial.run(
        "kill-both-groups-leader",
        trial -> {
          TestNode leader = leaderOfBoth(trial);
          trial.willHit("kill", leader);

          leader.kill();

          trial.workload().awaitAckedEverywhere();
          leader.start();
        });
  }

  /** Restarts the leader of one group until both have the same one. */
  private static TestNode leaderOfBoth(Trial trial) throws Exception {
    TestNode leader = leader(trial, Group.LEADERSHIP);
    TestNode other = leader(trial, trial.cluster().groups().getLast());
    while (leader != other) {
      trial.willHit("restart", other);
      other.stop();
      other.start();
      trial.workload().awaitInSync();
      leader = leader(trial, Group.LEADERSHIP);
      other = leader(trial, trial.cluster().groups().getLast());
    }
    return leader;
  }

  private static TestNode leader(Trial trial, Group group) {
    return Agreement.leader(trial.cluster(), group);
  }
}
