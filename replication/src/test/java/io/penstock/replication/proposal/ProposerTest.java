package io.penstock.replication.proposal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.observer.ChainRules;
import io.penstock.replication.observer.GroupReplica;
import io.penstock.replication.observer.GroupView;
import io.penstock.replication.observer.ManualTasks;
import io.penstock.replication.observer.SimulatedNetwork;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.raft.GroupRole;
import io.penstock.replication.raft.Submission;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Node 9 proposes; nodes 1 to 3 vote. */
class ProposerTest {

  private static final long TIMEOUT_MS = 30_000;

  private final ChainRules rules = new ChainRules();
  private final ManualTasks time = new ManualTasks();
  private final SimulatedNetwork network = new SimulatedNetwork(time, new Random(1));
  private final GroupReplica<Long> replica = new GroupReplica<>(0L, (_, _) -> {});
  private final FakeGroup group = new FakeGroup();
  private final Port port = new Port(9);
  private final Proposer<Integer, Long> proposer =
      new Proposer<>(
          rules,
          port,
          replica,
          network.of(9),
          time,
          new ProposerSettings(0, "chain", 9, 1000, TIMEOUT_MS));

  /** What the group has agreed on: each proposal once. */
  private static final class FakeGroup {
    private final Map<String, Submission<Long>> remembered = new HashMap<>();
    private final List<Integer> applied = new ArrayList<>();

    Submission<Long> take(UUID from, long callId, int command) {
      return remembered.computeIfAbsent(
          from + "/" + callId,
          _ -> {
            applied.add(command);
            return new Submission.Applied<>(applied.size(), 1000L + command);
          });
    }
  }

  /** A node's way to the group. */
  private final class Port implements GroupPort<Long> {
    private final int node;
    private GroupView view = known(1, 1);
    private boolean leads;
    private boolean silent;
    private int retries;

    private Port(int node) {
      this.node = node;
    }

    @Override
    public GroupView view() {
      return view;
    }

    @Override
    public long leadsInTerm() {
      return leads ? view.term() : -1;
    }

    @Override
    public CompletionStage<Submission<Long>> submit(UUID from, long callId, byte[] command) {
      if (retries > 0) {
        retries--;
        return CompletableFuture.completedFuture(new Submission.Retry<>("not ready, node " + node));
      }
      Submission<Long> taken = group.take(from, callId, rules.decodeCommand(command));
      return silent ? new CompletableFuture<>() : CompletableFuture.completedFuture(taken);
    }
  }

  private static GroupView known(int leader, long term) {
    List<Member> voters = new ArrayList<>();
    for (int id = 1; id <= 3; id++) {
      voters.add(new Member(id, new UUID(id, id), SimulatedNetwork.address(id)));
    }
    return new GroupView(leader, term, voters);
  }

  /** A voter that takes proposals of others, and leads or not. */
  private Port voter(int node, boolean leads) {
    Port voter = new Port(node);
    voter.leads = leads;
    network.serve(
        node,
        PeerApi.PROPOSE,
        new ProposalHandler(List.of(new ProposalHandler.Target<>(rules, voter)), 1000));
    return voter;
  }

  private CompletableFuture<Long> propose(int command) {
    return proposer.propose(command).toCompletableFuture();
  }

  private void show(long index) {
    replica.offer(new Position(1, index), 1L);
  }

  private static ControlUnavailableException failure(CompletableFuture<Long> outcome) {
    assertTrue(outcome.isDone());
    CompletionException thrown = assertThrows(CompletionException.class, outcome::join);
    return assertInstanceOf(ControlUnavailableException.class, thrown.getCause());
  }

  @Test
  void whatALeaderHasDecidedEndsWithItsLeadership() {
    port.leads = true;
    port.view = known(9, 1);
    port.silent = true;
    CompletableFuture<Long> outcome = proposer.proposeHere(5, 1).toCompletableFuture();
    time.advance(100);
    assertEquals(List.of(5), group.applied);
    voter(1, true);

    port.leads = false;
    port.view = known(1, 2);
    proposer.leaderChanged(new GroupRole(1, 2, false));

    assertTrue(String.valueOf(failure(outcome).getMessage()).contains("does not lead it any more"));
    time.advance(TIMEOUT_MS);
    assertEquals(List.of(5), group.applied, "asked of nobody else");
    assertEquals(0, proposer.underWayCount());
  }

  @Test
  void whatALeaderHasDecidedEndsWhereItLeadsAgain() {
    port.leads = true;
    port.view = known(9, 1);
    port.silent = true;
    CompletableFuture<Long> outcome = proposer.proposeHere(5, 1).toCompletableFuture();

    port.view = known(9, 3); // another led meanwhile, of whom this node was not told
    proposer.leaderChanged(new GroupRole(9, 3, true));

    assertTrue(String.valueOf(failure(outcome).getMessage()).contains("does not lead it any more"));
  }

  @Test
  void whatALeaderHasDecidedIsNotAskedInItsNextTerm() {
    port.leads = true;
    port.view = known(9, 1);
    port.retries = 1;
    CompletableFuture<Long> outcome = proposer.proposeHere(5, 1).toCompletableFuture();

    port.view = known(9, 3); // of which this node is about to be told
    time.advance(TIMEOUT_MS);

    assertTrue(failure(outcome).getMessage() != null);
    assertEquals(List.of(), group.applied);
  }

  @Test
  void whatALeaderHasDecidedIsAskedOfNobodyElse() {
    voter(1, true);

    CompletableFuture<Long> outcome = proposer.proposeHere(5, 1).toCompletableFuture();

    assertTrue(String.valueOf(failure(outcome).getMessage()).contains("does not lead it"));
    time.advance(TIMEOUT_MS);
    assertEquals(List.of(), group.applied);
  }

  @Test
  void whatALeaderDecidesIsDoneHere() {
    port.leads = true;
    port.view = known(9, 1);
    CompletableFuture<Long> outcome = proposer.proposeHere(5, 1).toCompletableFuture();
    time.advance(100);

    show(1);

    assertEquals(1005, outcome.join());
  }

  @Test
  void completesWhenThisNodeShowsWhatTheLeaderDid() {
    voter(1, true);

    CompletableFuture<Long> outcome = propose(5);
    time.advance(100);

    assertEquals(List.of(5), group.applied);
    assertFalse(outcome.isDone(), "the image here does not show it yet");
    show(1);
    assertEquals(1005L, outcome.join());
    assertEquals(0, proposer.underWayCount());
    assertEquals(0, time.waiting(), "no timer is left");
  }

  @Test
  void goesToWhomTheFormerLeaderNames() {
    voter(1, false).view = known(3, 2);
    voter(3, true);
    show(1);

    CompletableFuture<Long> outcome = propose(5);
    time.advance(10);

    assertEquals(1005L, outcome.join());
  }

  @Test
  void findsALeaderThatNobodyHereKnows() {
    port.view = known(GroupView.NOBODY, 1);
    voter(1, false).view = known(2, 2);
    voter(2, true);
    voter(3, false).view = known(2, 2);
    show(1);

    CompletableFuture<Long> outcome = propose(5);
    time.advance(100);

    assertEquals(1005L, outcome.join());
  }

  @Test
  void asksAgainUnderTheSameIdsSoThatItIsAppliedOnce() {
    Port first = voter(1, true);
    first.silent = true; // it takes the command, and then is heard of no more
    CompletableFuture<Long> outcome = propose(5);
    time.advance(Proposal.TRY_MS + 100);
    assertEquals(List.of(5), group.applied);
    network.stop(1);
    voter(2, true);
    voter(3, false).view = known(2, 2);
    show(1);

    time.advance(10_000);

    assertEquals(1005L, outcome.join());
    assertEquals(List.of(5), group.applied);
  }

  @Test
  void asksTheNewLeaderAtOnceInsteadOfWaitingForTheOld() {
    voter(1, true).silent = true;
    voter(2, true);
    show(1);
    CompletableFuture<Long> outcome = propose(5);
    time.advance(10);

    port.view = known(2, 2);
    proposer.leaderChanged(new GroupRole(2, 2, false));
    time.advance(10);

    assertEquals(1005L, outcome.join());
    assertEquals(List.of(5), group.applied);
  }

  @Test
  void failsCleanlyWhereNothingReachedAnybody() {
    CompletableFuture<Long> outcome = propose(5); // nobody listens

    time.advance(TIMEOUT_MS);

    assertFalse(failure(outcome).mayHaveBeenTaken());
    assertEquals(0, proposer.underWayCount());
  }

  @Test
  void leavesTheOutcomeOpenWhereALeaderMayHaveTakenIt() {
    voter(1, true).silent = true;
    CompletableFuture<Long> outcome = propose(5);

    time.advance(TIMEOUT_MS);

    assertTrue(failure(outcome).mayHaveBeenTaken());
    assertEquals(0, time.waiting());
  }

  @Test
  void leavesTheOutcomeOpenWhereThisNodeNeverShowsIt() {
    voter(1, true);
    CompletableFuture<Long> outcome = propose(5);

    time.advance(TIMEOUT_MS);

    assertTrue(failure(outcome).mayHaveBeenTaken());
    assertTrue(String.valueOf(failure(outcome).getMessage()).contains("it was agreed on"));
  }

  @Test
  void proposesHereWhereThisNodeLeadsAndTriesAgainUntilItIsReady() {
    port.leads = true;
    port.retries = 3;
    show(1);

    CompletableFuture<Long> outcome = propose(5);
    time.advance(1_000);

    assertEquals(1005L, outcome.join());
  }

  @Test
  void neverBringsWhatIsNoCommandToTheGroup() {
    voter(1, true);

    CompletableFuture<Long> outcome = propose(ChainRules.UNKNOWN);
    time.advance(100);

    assertFalse(failure(outcome).mayHaveBeenTaken());
    assertTrue(String.valueOf(failure(outcome).getMessage()).contains("refused"));
    assertEquals(List.of(), group.applied);
  }

  @Test
  void refusesWhatIsTooLargeWithoutAsking() {
    Proposer<Integer, Long> narrow =
        new Proposer<>(
            rules,
            port,
            replica,
            network.of(9),
            time,
            new ProposerSettings(0, "chain", 9, 3, TIMEOUT_MS));

    CompletionException thrown =
        assertThrows(
            CompletionException.class, () -> narrow.propose(5).toCompletableFuture().join());

    assertInstanceOf(CommandTooLargeException.class, thrown.getCause());
  }

  @Test
  void boundsWhatIsUnderWay() {
    voter(1, true).silent = true;
    for (int i = 0; i < Proposer.PROPOSALS_MAX; i++) {
      assertFalse(propose(i).isDone());
    }

    assertFalse(failure(propose(5)).mayHaveBeenTaken());
    time.advance(TIMEOUT_MS);
    assertEquals(0, proposer.underWayCount());
    assertFalse(propose(6).isDone());
  }

  @Test
  void endsWhatIsUnderWayWhenThisNodeStops() {
    voter(1, true).silent = true;
    CompletableFuture<Long> outcome = propose(5);
    time.advance(10);

    proposer.close();

    assertTrue(failure(outcome).getMessage() != null);
    assertFalse(failure(propose(6)).mayHaveBeenTaken());
  }

  @Test
  void everyAnsweredProposalWasAppliedOnceWhateverGetsLost() {
    for (long seed = 0; seed < 200; seed++) {
      new ProposerTest().runSchedule(seed);
    }
  }

  private void runSchedule(long seed) {
    Random random = new Random(seed);
    SimulatedNetwork lossy = new SimulatedNetwork(time, random);
    lossy.delays(100);
    lossy.loses(random.nextDouble() * 0.4);
    Proposer<Integer, Long> from =
        new Proposer<>(
            rules,
            port,
            replica,
            lossy.of(9),
            time,
            new ProposerSettings(0, "chain", 9, 1000, TIMEOUT_MS));
    List<Port> voters = new ArrayList<>();
    for (int id = 1; id <= 3; id++) {
      Port voter = new Port(id);
      voters.add(voter);
      lossy.serve(
          id,
          PeerApi.PROPOSE,
          new ProposalHandler(List.of(new ProposalHandler.Target<>(rules, voter)), 1000));
    }
    List<CompletableFuture<Long>> outcomes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      if (random.nextInt(10) == 0) {
        int leader = 1 + random.nextInt(3);
        long term = i + 2L;
        voters.forEach(voter -> voter.leads = voter.node == leader);
        voters.forEach(voter -> voter.view = known(leader, term));
        voters.forEach(voter -> voter.silent = random.nextInt(4) == 0);
        if (random.nextBoolean()) {
          port.view = known(leader, term);
          from.leaderChanged(new GroupRole(leader, term, false));
        }
      }
      outcomes.add(from.propose(i).toCompletableFuture());
      time.advance(random.nextInt(200));
      show(group.applied.size());
    }
    voters.forEach(voter -> voter.silent = false);
    for (int i = 0; i < 400; i++) {
      time.advance(100);
      show(group.applied.size());
    }
    assertEquals(group.applied.stream().distinct().count(), group.applied.size(), "seed " + seed);
    for (int i = 0; i < outcomes.size(); i++) {
      CompletableFuture<Long> outcome = outcomes.get(i);
      assertTrue(outcome.isDone(), "seed " + seed);
      if (!outcome.isCompletedExceptionally()) {
        assertEquals(1000L + i, outcome.join(), "seed " + seed);
        assertTrue(group.applied.contains(i), "seed " + seed);
      } else if (!failure(outcome).mayHaveBeenTaken()) {
        assertFalse(group.applied.contains(i), "seed " + seed);
      }
    }
  }
}
