package io.penstock.cluster.replication;

import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** kill -9 of one leader after the other, each started again when the others go on without it. */
@Timeout(900)
class KillLeadersTest {

  @Test
  void keepsWhatWasAcknowledgedWhileLeadersAreKilled() throws Exception {
    Trial.run(
        "kill-leaders",
        trial -> {
          TestNode leader = trial.someLeader();
          trial.willHit("kill", leader);

          leader.kill();

          trial.workload().awaitAckedEverywhere();
          trial.goOnFor(0, 1_000);
          leader.start();
        });
  }
}
