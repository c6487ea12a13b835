package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.raft.RaftCluster.Voter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Logs are cut, and whoever needs what is gone gets a snapshot. */
@Timeout(120)
class LogCuttingTest extends WithRaftCluster {

  /** Small enough that a few hundred entries are cut. */
  private static final LogLimits SMALL = new LogLimits(100, 10, 1, 4 * 1024);

  /** Adds until the leader has no longer the first entries. */
  private long addUntilCut(long sum) throws Exception {
    long total = sum;
    while (cluster.leader().division().getRaftLog().getStartIndex() == 0) {
      cluster.addOnes(100);
      total += 100;
    }
    return total;
  }

  @Test
  void aVoterThatWasAwayForLongGetsASnapshotThoughItsAbsenceHeldNothing() throws Exception {
    cluster = new RaftCluster(root, 3).limits(SMALL);
    cluster.startFounders();
    cluster.add(5);
    cluster.awaitSum(5, cluster.running());
    int away = cluster.followers(cluster.leader()).get(0).member.nodeId();
    cluster.kill(away);

    long sum = addUntilCut(5); // with a dead member
    Voter back = cluster.start(away);

    cluster.awaitSum(sum, List.of(back));
    assertTrue(back.applied.size() < sum / 2, "a snapshot brought most: " + back.applied.size());
    assertEquals(sum + 1, cluster.add(1));
    cluster.awaitSum(sum + 1, cluster.running());
    assertEquals("RUNNING", back.division().getStateMachine().getLifeCycleState().name());
  }

  @Test
  void aNewVoterStartsFromASnapshot() throws Exception {
    cluster = new RaftCluster(root, 1).limits(SMALL);
    cluster.startFounders();
    long sum = addUntilCut(0);
    Voter fresh = cluster.startToBeAdded(2);

    assertEquals(
        VotersOutcome.DONE,
        cluster.setVoters(cluster.founders(), List.of(cluster.member(1), cluster.member(2))));

    cluster.awaitSum(sum, List.of(fresh));
    assertEquals(sum + 1, cluster.add(1));
    cluster.awaitSum(sum + 1, cluster.running());
  }

  @Test
  void aVoterThatGotASnapshotRestartsFromIt() throws Exception {
    cluster = new RaftCluster(root, 3).limits(SMALL);
    cluster.startFounders();
    int away = cluster.followers(cluster.leader()).get(0).member.nodeId();
    cluster.kill(away);
    long sum = addUntilCut(0);
    cluster.awaitSum(sum, List.of(cluster.start(away)));
    cluster.kill(away);

    Voter again = cluster.start(away);

    cluster.awaitSum(sum, List.of(again));
  }

  @Test
  void oldSnapshotsAreRemoved() throws Exception {
    cluster = new RaftCluster(root, 1).limits(SMALL);
    cluster.startFounders();
    for (int i = 0; i < 6; i++) {
      cluster.addOnes(150);
    }
    Path directory =
        cluster.voter(1).division().getRaftStorage().getStorageDir().getStateMachineDir().toPath();

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .untilAsserted(() -> {
          try (var files = Files.list(directory)) {
            long snapshots = files.filter(f -> !f.toString().endsWith(".md5")).count();
            assertTrue(snapshots >= 1 && snapshots <= 3, "snapshots " + snapshots);
          }
        });
  }
}
