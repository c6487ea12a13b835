package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.raft.RaftCluster.Voter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Elections by evidence, where the timers would take longer than the test may. */
@Timeout(120)
class ElectionsTest extends WithRaftCluster {

  private static final long NO_TIMER_MS = 60_000;
  private static final Duration FIRST_ELECTION = Duration.ofSeconds(8);
  private static final int ATTEMPTS = 5;

  private Voter begin(int size) throws Exception {
    for (int attempt = 1; !hasBegun(attempt, size); attempt++) {
      assertTrue(attempt < ATTEMPTS, "no leader in any attempt");
      cluster.close();
    }
    cluster.add(5);
    cluster.awaitSum(5, cluster.running());
    return cluster.leader();
  }

  /** False where several stood at once: they would try again when their timers end. */
  private boolean hasBegun(int attempt, int size) throws Exception {
    cluster = new RaftCluster(root.resolve("attempt" + attempt), size, NO_TIMER_MS);
    cluster.startFounders();
    try {
      Awaitility.await()
          .atMost(FIRST_ELECTION)
          .until(() -> cluster.running().stream().anyMatch(v -> v.group.role().leaderHere()));
      return true;
    } catch (ConditionTimeoutException undecided) {
      return false;
    }
  }

  @Test
  void survivorsElectAtOnceWhenAllKnowThatTheLeaderIsGone() throws Exception {
    Voter leader = begin(3);
    int dead = leader.member.nodeId();

    cluster.kill(dead);

    assertEquals(6, cluster.add(1));
  }

  @Test
  void oneThatKnowsIsEnough() throws Exception {
    Voter leader = begin(5);
    int dead = leader.member.nodeId();

    cluster.killUnnoticed(dead);
    List.copyOf(cluster.running()).get(2).host.suspect(dead);

    assertEquals(6, cluster.add(1));
  }

  @Test
  void theOneWithTheLongerLogStandsThoughAnotherComesFirst() throws Exception {
    Voter leader = begin(3);
    int dead = leader.member.nodeId();
    Voter behind = cluster.followers(leader).get(0);
    cluster.network.cut(dead, behind.member.nodeId());
    assertEquals(6, cluster.add(1));

    cluster.kill(dead);

    assertEquals(7, cluster.add(1));
    assertEquals(false, behind.group.role().leaderHere());
  }

  @Test
  void survivorsThatDoNotHearEachOtherAtFirstAskAgain() throws Exception {
    Voter leader = begin(3);
    int dead = leader.member.nodeId();
    List<Voter> survivors = cluster.followers(leader);
    int one = survivors.get(0).member.nodeId();
    int other = survivors.get(1).member.nodeId();
    cluster.network.cut(one, other);
    GroupRole before = survivors.get(0).group.role();

    cluster.kill(dead);
    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() ->
            cluster.network.vanished(one, other) > 0 && cluster.network.vanished(other, one) > 0);
    assertEquals(before, survivors.get(0).group.role());
    cluster.network.heal();

    assertEquals(6, cluster.add(1));
  }

  /** The others have just asked each other about its predecessor. */
  @Test
  void theSuccessorThatDiesAtOnceIsReplacedAtOnce() throws Exception {
    int first = begin(5).member.nodeId();
    cluster.kill(first);
    int second = leaderThatAllKnow();
    assertEquals(6, cluster.add(1)); // nobody could stand by hand without an entry of its term
    cluster.network.refuse(second);
    cluster.running().forEach(voter -> voter.host.suspect(second));
    cluster.killUnnoticed(second);

    assertEquals(7, cluster.add(1));
  }

  /** Waits until all that run follow the same one of them. */
  private int leaderThatAllKnow() {
    Set<Integer> running =
        cluster.running().stream().map(voter -> voter.member.nodeId()).collect(Collectors.toSet());
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(RaftCluster.PATIENCE)
        .until(this::leadersKnown, known -> known.size() == 1 && running.containsAll(known))
        .iterator()
        .next();
  }

  private Set<Integer> leadersKnown() {
    return cluster.running().stream()
        .map(voter -> voter.group.role().leaderId())
        .collect(Collectors.toSet());
  }

  @Test
  void aLeaderThatStopsHandsOverFirst() throws Exception {
    Voter leader = begin(3);

    cluster.stop(leader.member.nodeId());

    assertEquals(6, cluster.add(1));
  }

  @Test
  void wrongEvidenceCostsAnElectionAndNothingElse() throws Exception {
    Voter leader = begin(3);
    Voter wrong = cluster.followers(leader).get(1);
    long term = leader.group.role().term();

    wrong.host.suspect(leader.member.nodeId());

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() -> cluster.leader().group.role().term() > term);
    assertEquals(7, cluster.add(2));
    cluster.awaitSum(7, cluster.running());
  }

  @Test
  void nobodyStandsAgainstAVoterThatDoesNotLead() throws Exception {
    Voter leader = begin(3);
    GroupRole role = leader.group.role();
    int follower = cluster.followers(leader).get(0).member.nodeId();

    cluster.running().forEach(voter -> voter.host.suspect(follower));
    leader.host.suspect(leader.member.nodeId());

    assertEquals(6, cluster.add(1));
    assertEquals(role, leader.group.role());
  }
}
