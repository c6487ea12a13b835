package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.raft.RaftCluster.Voter;
import io.penstock.replication.raft.RaftSettings.Begin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who votes changes while the group goes on. */
@Timeout(180)
class VoterChangesTest extends WithRaftCluster {

  private static final int ANSWERS_LOST = 3;

  private void begin(int size) throws Exception {
    cluster = new RaftCluster(root, size);
    cluster.startFounders();
    cluster.add(5);
  }

  private static List<Member> with(List<Member> members, Member added) {
    List<Member> all = new ArrayList<>(members);
    all.add(added);
    return all;
  }

  private static List<Member> without(List<Member> members, int nodeId) {
    return members.stream().filter(member -> member.nodeId() != nodeId).toList();
  }

  @Test
  void aLoneVoterGrowsToThreeOneByOne() throws Exception {
    begin(1);
    List<Member> voters = cluster.founders();
    for (int id = 2; id <= 3; id++) {
      cluster.startToBeAdded(id);
      List<Member> wanted = with(voters, cluster.member(id));
      assertEquals(VotersOutcome.DONE, cluster.setVoters(voters, wanted));
      voters = wanted;
    }

    cluster.awaitSum(5, cluster.running());
    cluster.kill(1);

    assertEquals(6, cluster.add(1));
  }

  @Test
  void aFourthAndAFifthVoterCarryTheGroupWhenTwoOfTheFirstAreDead() throws Exception {
    begin(3);
    List<Member> voters = cluster.founders();
    for (int id = 4; id <= 5; id++) {
      cluster.startToBeAdded(id);
      List<Member> wanted = with(voters, cluster.member(id));
      assertEquals(VotersOutcome.DONE, cluster.setVoters(voters, wanted));
      voters = wanted;
    }
    cluster.kill(1);
    cluster.kill(2);

    assertEquals(7, cluster.add(2));
    assertEquals(voters, cluster.voter(5).group.voters());
  }

  @Test
  void aVoterIsAddedThoughTheAnswersToItsFirstEntriesAreLost() throws Exception {
    begin(2);
    Voter added = cluster.startToBeAdded(3);
    PeerHandler handler = added.host.raftHandler();
    AtomicInteger lost = new AtomicInteger();
    cluster
        .network
        .node(3)
        .handle(
            PeerApi.RAFT,
            (caller, body) ->
                handler
                    .handle(caller, body)
                    .thenApply(answer -> {
                      if (lost.getAndIncrement() < ANSWERS_LOST) {
                        throw new IllegalStateException("the answer is lost");
                      }
                      return answer;
                    }));

    VotersOutcome outcome =
        cluster.setVoters(cluster.founders(), with(cluster.founders(), added.member));

    assertEquals(VotersOutcome.DONE, outcome);
  }

  @Test
  void aRemovedFollowerIsToldAndItsProcessGoesOn() throws Exception {
    begin(3);
    Voter leader = cluster.leader();
    Voter gone = cluster.followers(leader).get(0);
    int id = gone.member.nodeId();

    assertEquals(
        VotersOutcome.DONE, cluster.setVoters(cluster.founders(), without(cluster.founders(), id)));

    Awaitility.await().atMost(RaftCluster.PATIENCE).until(() -> gone.removed);
    assertEquals(List.of(), gone.halts);
    assertEquals(GroupRole.UNKNOWN, gone.group.role());
    assertFalse(RaftIdentity.read(cluster.directory(id)).orElseThrow().member());
    assertEquals(6, cluster.add(cluster.followers(gone), 1));
  }

  @Test
  void aRemovedLeaderGivesWayToTheOthers() throws Exception {
    begin(3);
    Voter gone = cluster.leader();
    int id = gone.member.nodeId();

    assertEquals(
        VotersOutcome.DONE, cluster.setVoters(cluster.founders(), without(cluster.founders(), id)));

    Awaitility.await().atMost(RaftCluster.PATIENCE).until(() -> gone.removed);
    assertEquals(List.of(), gone.halts);
    assertEquals(6, cluster.add(cluster.followers(gone), 1));
  }

  @Test
  void aVoterThatWasRemovedWhileItWasDownLearnsOfItWhenItComesBack() throws Exception {
    begin(3);
    int id = cluster.followers(cluster.leader()).get(0).member.nodeId();
    cluster.kill(id);
    assertEquals(
        VotersOutcome.DONE, cluster.setVoters(cluster.founders(), without(cluster.founders(), id)));

    Voter back = cluster.start(id);

    Awaitility.await().atMost(RaftCluster.PATIENCE).until(() -> back.removed);
    assertEquals(List.of(), back.halts);
    assertFalse(RaftIdentity.read(cluster.directory(id)).orElseThrow().member());
  }

  @Test
  void aRemovedVoterIsAddedAgainUnderItsOldDirectory() throws Exception {
    begin(3);
    Voter gone = cluster.followers(cluster.leader()).get(0);
    int id = gone.member.nodeId();
    List<Member> two = without(cluster.founders(), id);
    assertEquals(VotersOutcome.DONE, cluster.setVoters(cluster.founders(), two));
    Awaitility.await().atMost(RaftCluster.PATIENCE).until(() -> gone.removed);
    cluster.kill(id);
    cluster.add(1);

    Voter again = cluster.startToBeAdded(id);

    assertEquals(VotersOutcome.DONE, cluster.setVoters(two, with(two, cluster.member(id))));
    cluster.awaitSum(6, List.of(again));
    assertTrue(RaftIdentity.read(cluster.directory(id)).orElseThrow().member());
    cluster.kill(cluster.leader().member.nodeId());
    assertEquals(7, cluster.add(1));
  }

  @Test
  void aWipedVoterIsAnotherMemberAndReplacesTheOldOneInOneStep() throws Exception {
    begin(3);
    int id = cluster.followers(cluster.leader()).get(0).member.nodeId();
    cluster.kill(id);
    cluster.newDisk(id);
    Voter fresh = cluster.startToBeAdded(id);

    List<Member> wanted = with(without(cluster.founders(), id), cluster.member(id));
    assertEquals(VotersOutcome.DONE, cluster.setVoters(cluster.founders(), wanted));

    cluster.awaitSum(5, List.of(fresh));
    cluster.kill(cluster.leader().member.nodeId());
    assertEquals(6, cluster.add(1));
  }

  @Test
  void aChangeThatExpectsOtherVotersIsRefused() throws Exception {
    begin(3);
    cluster.startToBeAdded(4);

    VotersOutcome outcome =
        cluster.setVoters(
            without(cluster.founders(), 3), with(cluster.founders(), cluster.member(4)));

    assertEquals(VotersOutcome.Kind.CHANGED, outcome.kind());
    assertEquals(cluster.founders(), cluster.leader().group.voters());
  }

  @Test
  void aNewVoterThatDoesNotAnswerIsNotAdded() throws Exception {
    begin(1);
    cluster.network.add(2);

    VotersOutcome outcome =
        cluster.setVoters(cluster.founders(), with(cluster.founders(), cluster.member(2)));

    assertEquals(VotersOutcome.Kind.NOT_CAUGHT_UP, outcome.kind());
    assertEquals(6, cluster.add(1));
  }

  @Test
  void aFollowerDoesNotChangeVoters() throws Exception {
    begin(3);
    Voter follower = cluster.followers(cluster.leader()).get(0);

    VotersOutcome outcome =
        follower
            .group
            .setVoters(cluster.founders(), without(cluster.founders(), 1))
            .toCompletableFuture()
            .get();

    assertEquals(VotersOutcome.Kind.NOT_LEADER, outcome.kind());
  }

  @Test
  void anEmptyDirectoryOfAKnownMemberRefusesToStart() throws Exception {
    begin(1);
    cluster.network.add(2);

    IOException refused =
        assertThrows(
            IOException.class, () -> cluster.start(2, new Begin.Found(), RaftCluster.CLUSTER));

    assertTrue(String.valueOf(refused.getMessage()).contains("remedy"), refused.getMessage());
  }
}
