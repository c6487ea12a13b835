package io.penstock.cluster.replication;

import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** Leaders that are stopped for longer than their session, and go on as if nothing had been. */
@Timeout(900)
@EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
class PausedLeadersTest {

  @Test
  void keepsWhatWasAcknowledgedWhileFormerLeadersComeBackFromTheDead() throws Exception {
    Trial.run(
        "paused-leaders",
        trial -> {
          TestNode leader = trial.someLeader();
          trial.willHit("pause", leader);

          leader.pause();

          trial.goOnFor(Trial.ms(6_000, 10_000), Trial.ms(8_000, 20_000));
          leader.resume();
        });
  }
}
