package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.raft.RaftCluster.Voter;
import java.io.IOException;
import java.util.List;
import org.apache.ratis.protocol.RaftGroupId;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leaders without their majority, where Ratis itself would look for that later than the test. */
@Timeout(120)
class LostMajorityTest extends WithRaftCluster {

  /** Ratis lets a leader go after twice this. */
  private static final long LONG_MS = 20_000;

  private static final long SILENT_MS = 1_500;

  /** Its leader, after the first election, which has a timer of its own. */
  private Voter begin(int size) throws IOException {
    cluster = new RaftCluster(root, size, LONG_MS);
    cluster.startFounders();
    Voter leader = cluster.leader();
    cluster.add(5);
    return leader;
  }

  private static RaftGroupId idOf(Voter voter) {
    return voter.server().getGroupIds().iterator().next();
  }

  private static void watch(LostMajority lost, Voter voter) {
    try {
      lost.watch(idOf(voter), (RatisGroup<?, ?, ?>) voter.group);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLeaderThatNobodyAnswersIsSilentForLongerAndLongerAndGivesUp() throws Exception {
    Voter leader = begin(3);
    int id = leader.member.nodeId();
    cluster.followers(leader).forEach(peer -> cluster.network.cutOneWay(peer.member.nodeId(), id));
    LostMajority lost = new LostMajority(leader.server(), SILENT_MS, 1);

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() -> MajorityContact.silentMs(leader.server(), idOf(leader)) > SILENT_MS);
    assertTrue(leader.group.role().leaderHere());
    assertEquals(0, leader.group.majorityOverdueMs(), "no answer is due so soon after the last");

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() -> {
          watch(lost, leader);
          return leader.group.role().leaderId() != id;
        });
    assertEquals(MajorityContact.NEVER_MS, leader.group.majorityOverdueMs());
  }

  @Test
  void aLeaderThatAMajorityAnswersStays() throws Exception {
    Voter leader = begin(3);
    int id = leader.member.nodeId();
    Voter dead = cluster.followers(leader).get(0);
    cluster.network.cut(id, dead.member.nodeId());
    Voter other = cluster.followers(leader).get(1);
    LostMajority lost = new LostMajority(leader.server(), SILENT_MS, 1);

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() -> {
          cluster.add(1); // which the other answers
          watch(lost, leader);
          return silentMs(leader, dead) > 2 * SILENT_MS;
        });

    assertTrue(leader.group.role().leaderHere());
    assertEquals(MajorityContact.NEVER_MS, other.group.majorityOverdueMs());
  }

  private static long silentMs(Voter leader, Voter follower) {
    return leader.group.members().orElseThrow().voters().stream()
        .filter(progress -> progress.member().nodeId() == follower.member.nodeId())
        .mapToLong(progress -> System.currentTimeMillis() - progress.lastContactMs())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aLeaderThatIsToVoteAloneMissesTheFormerVotersUntilTheyAgree() throws Exception {
    Voter leader = begin(3);
    int id = leader.member.nodeId();
    cluster.followers(leader).forEach(peer -> cluster.network.cutOneWay(peer.member.nodeId(), id));

    var _ = leader.group.setVoters(cluster.founders(), List.of(leader.member));

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() -> leader.division().getRaftConf().getCurrentPeers().size() == 1);
    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() -> MajorityContact.silentMs(leader.server(), idOf(leader)) > SILENT_MS);
  }

  @Test
  void aLoneVoterMissesNobody() throws Exception {
    Voter leader = begin(1);
    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() ->
            leader.division().getInfo().getRoleInfoProto().getRoleElapsedTimeMs() > SILENT_MS);

    assertEquals(0, MajorityContact.silentMs(leader.server(), idOf(leader)));
    assertEquals(0, leader.group.majorityOverdueMs());
  }
}
