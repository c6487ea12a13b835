package io.penstock.cluster.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIf;

/** Leaders that are stopped for longer than their session, and go on as if nothing had been. */
@Timeout(900)
@EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
class PausedLeadersTest {
  private static final int KILLED = 128 + 9;

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

  /** Kafka has no such setting. */
  @Test
  @DisabledIfSystemProperty(named = "penstock.cluster.kafka", matches = ".+")
  void keepsWhatWasAcknowledgedWhileStoppedLeadersAreEndedAndStartedAgain() throws Exception {
    Trial.runOnNodesWith(
        "stall-timeout: 4500ms",
        "ended-leaders",
        trial -> {
          TestNode leader = trial.someLeader();
          trial.willHit("pause", leader);

          leader.pause();

          assertEquals(KILLED, leader.awaitEnd());
          leader.start();
          trial.goOnFor(Trial.ms(0, 5_000), Trial.ms(1_000, 10_000));
        });
  }
}
