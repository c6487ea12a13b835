package io.penstock.cluster.replication;

import io.penstock.cluster.nodes.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Leaders that their peers do not hear, or that do not hear their peers, or both, while clients
 * reach all nodes.
 */
@Timeout(900)
class CutLeaderTest {

  @Test
  void keepsWhatWasAcknowledgedWhileALeaderIsCutOffFromItsPeers() throws Exception {
    Trial.runOnLinks(
        "cut-leader",
        trial -> {
          TestNode leader = trial.someLeader();
          trial.willHit("cut", leader);

          trial.cluster().isolate(leader);

          heal(trial);
        });
  }

  @Test
  @EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
  void keepsWhatWasAcknowledgedWhileALeadersPeersDoNotHearIt() throws Exception {
    Trial.runOnLinks(
        "unheard-leader",
        trial -> {
          TestNode leader = trial.someLeader();
          trial.willHit("one-way cut", leader);

          trial.cluster().others(leader).forEach(peer -> trial.cluster().cutOneWay(leader, peer));

          heal(trial);
        });
  }

  @Test
  @EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
  void keepsWhatWasAcknowledgedWhileALeaderDoesNotHearItsPeers() throws Exception {
    Trial.runOnLinks(
        "deaf-leader",
        trial -> {
          TestNode leader = trial.someLeader();
          trial.willHit("one-way cut", leader);

          trial.cluster().others(leader).forEach(peer -> trial.cluster().cutOneWay(peer, leader));

          heal(trial);
        });
  }

  @Test
  @EnabledIf("io.penstock.cluster.replication.Trial#isThorough")
  void keepsWhatWasAcknowledgedWhileOneLinkIsDead() throws Exception {
    Trial.runOnLinks(
        "dead-link",
        trial -> {
          TestNode leader = trial.someLeader();
          TestNode follower = trial.cluster().others(leader).get(trial.random().nextInt(2));
          trial.willHit("dead link", leader);

          trial.cluster().cutOneWay(leader, follower);
          if (trial.random().nextBoolean()) {
            trial.cluster().cutOneWay(follower, leader);
          }

          heal(trial);
        });
  }

  private static void heal(Trial trial) {
    trial.goOnFor(Trial.ms(6_000, 6_000), Trial.ms(8_000, 16_000));
    trial.cluster().heal();
  }
}
