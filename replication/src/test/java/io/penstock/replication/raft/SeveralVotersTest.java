package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.raft.RaftCluster.Voter;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What several voters do with a leader that comes, goes and is cut off. */
@Timeout(180)
class SeveralVotersTest extends WithRaftCluster {

  private void begin(int size) throws Exception {
    cluster = new RaftCluster(root, size);
    cluster.startFounders();
  }

  @Test
  void threeVotersAgreeWhateverTheOrderOfTheirStarts() throws Exception {
    cluster = new RaftCluster(root, 3);
    cluster.start(3);
    cluster.start(1);
    assertEquals(5, cluster.add(5));

    cluster.start(2);

    cluster.awaitSum(5, cluster.running());
    Set<Integer> leaders =
        cluster.running().stream().map(v -> v.group.role().leaderId()).collect(Collectors.toSet());
    assertEquals(Set.of(cluster.leader().member.nodeId()), leaders);
    for (Voter voter : cluster.running()) {
      assertEquals(cluster.founders(), voter.group.voters());
    }
  }

  @Test
  void aFollowerSaysWhoLeadsInsteadOfTakingACommand() throws Exception {
    begin(3);
    Voter leader = cluster.leader();
    cluster.add(1);
    Voter follower = cluster.followers(leader).get(0);
    cluster.awaitSum(1, List.of(follower));

    Submission<Long> answer =
        follower
            .group
            .submit(new UUID(1, 1), 1, new SumRules().encodeCommand(1))
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);

    assertEquals(new Submission.NotLeader<Long>(leader.member.nodeId()), answer);
  }

  @Test
  void twoOfThreeGoOnAfterTheLeaderDiedAndItComesBackAsAFollower() throws Exception {
    begin(3);
    cluster.add(5);
    int dead = cluster.leader().member.nodeId();

    cluster.killUnnoticed(dead);

    assertEquals(7, cluster.add(2));
    Voter again = cluster.start(dead);
    cluster.awaitSum(7, cluster.running());
    assertFalse(again.group.role().leaderHere());
  }

  @Test
  void everyVoterKeepsWhatWasAgreedOverARestartOfAll() throws Exception {
    begin(3);
    cluster.add(5);
    cluster.awaitSum(5, cluster.running());
    for (int id = 1; id <= 3; id++) {
      cluster.kill(id);
    }

    cluster.startFounders();

    assertEquals(8, cluster.add(3));
    cluster.awaitSum(8, cluster.running());
  }

  @Test
  void aLeaderThatIsCutOffAgreesOnNothingAndComesBackToWhatTheOthersAgreedOn() throws Exception {
    begin(3);
    cluster.add(5);
    Voter old = cluster.leader();
    cluster.network.isolate(old.member.nodeId());

    var alone = old.group.submit(new UUID(1, 1), 1, new SumRules().encodeCommand(100));
    List<Voter> majority = cluster.followers(old);
    assertEquals(7, cluster.add(majority, 2));

    Submission<Long> lost = alone.toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertFalse(lost instanceof Submission.Applied, lost.toString());
    assertEquals(5, old.group.image());
    cluster.network.heal();
    cluster.awaitSum(7, cluster.running());
  }

  @Test
  void aLeaderThatWasStoppedForAWhileFollowsTheNext() throws Exception {
    begin(3);
    cluster.add(5);
    Voter paused = cluster.leader();
    cluster.network.pause(paused.member.nodeId());

    assertEquals(7, cluster.add(cluster.followers(paused), 2));

    cluster.network.resume(paused.member.nodeId());
    cluster.awaitSum(7, cluster.running());
    assertEquals(8, cluster.add(cluster.followers(paused), 1));
    cluster.awaitSum(8, cluster.running());
  }

  @Test
  void aMinorityAgreesOnNothing() throws Exception {
    begin(5);
    cluster.add(5);
    Voter leader = cluster.leader();
    List<Voter> followers = cluster.followers(leader);
    for (Voter far : followers.subList(1, 4)) {
      cluster.network.cut(leader.member.nodeId(), far.member.nodeId());
      cluster.network.cut(followers.get(0).member.nodeId(), far.member.nodeId());
    }

    assertEquals(8, cluster.add(followers.subList(1, 4), 3));

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .until(() -> !leader.group.role().leaderHere()); // it has noticed
    assertEquals(5, leader.group.image());
    assertEquals(5, followers.get(0).group.image());
    cluster.network.heal();
    cluster.awaitSum(8, cluster.running());
  }

  @Test
  void aProposalThatIsAskedAgainOfTheNextLeaderIsAppliedOnce() throws Exception {
    begin(3);
    Voter old = cluster.leader();
    long call = cluster.newCall();
    assertEquals(5, cluster.tryAdd(old, call, 5));
    cluster.awaitSum(5, cluster.running());
    cluster.kill(old.member.nodeId());
    Voter next = cluster.leader();

    long again =
        Awaitility.await()
            .atMost(RaftCluster.PATIENCE)
            .until(() -> cluster.tryAdd(next, call, 5), sum -> sum >= 0);

    assertEquals(5, again, "the same answer");
    assertEquals(6, cluster.add(1));
  }

  @Test
  void leadershipIsHandedOverOnRequest() throws Exception {
    begin(3);
    cluster.add(1);
    Voter leader = cluster.leader();
    Voter target = cluster.followers(leader).get(1);

    boolean done =
        leader
            .group
            .transferLeadership(target.member.nodeId())
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);

    assertTrue(done);
    Awaitility.await().atMost(RaftCluster.PATIENCE).until(() -> target.group.role().leaderHere());
    assertEquals(3, cluster.add(2));
  }

  @Test
  void theLeaderKnowsHowFarEachVoterIs() throws Exception {
    begin(3);
    cluster.add(1);
    Voter leader = cluster.leader();
    cluster.awaitSum(1, cluster.running());

    Awaitility.await()
        .atMost(RaftCluster.PATIENCE)
        .untilAsserted(() -> {
          GroupMembers members = leader.group.members().orElseThrow();
          assertEquals(leader.member.nodeId(), members.leaderId());
          assertEquals(
              cluster.founders(),
              members.voters().stream().map(GroupMembers.Progress::member).toList());
          for (GroupMembers.Progress voter : members.voters()) {
            assertEquals(members.committedIndex(), voter.matchIndex());
          }
        });
    assertTrue(cluster.followers(leader).get(0).group.members().isEmpty());
  }

  @Test
  void listenersHearOfEveryCommandInOrderAndOfTheLeader() throws Exception {
    begin(3);
    for (int i = 0; i < 20; i++) {
      cluster.add(1);
    }
    cluster.awaitSum(20, cluster.running());

    for (Voter voter : cluster.running()) {
      assertEquals(20, voter.applied.size());
      // Raft's own entries bring no command, but the image is now that of their place.
      assertTrue(voter.images.containsAll(voter.applied));
      assertEquals(voter.images.stream().distinct().sorted().toList(), voter.images);
      assertEquals(voter.applied.stream().sorted().toList(), voter.applied);
      Awaitility.await()
          .atMost(RaftCluster.PATIENCE)
          .until(() ->
              !voter.roles.isEmpty()
                  && voter.roles.get(voter.roles.size() - 1).equals(voter.group.role())
                  && voter.group.role().leaderId() > 0);
    }
    assertInstanceOf(GroupRole.class, cluster.leader().group.role());
  }
}
