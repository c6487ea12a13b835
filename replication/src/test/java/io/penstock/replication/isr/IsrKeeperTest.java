package io.penstock.replication.isr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.cluster.InMemoryControlPlane.Fate;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** When a leader asks for other ISRs, and what it does with the answers. */
final class IsrKeeperTest {

  private static final List<Integer> ALL = List.of(1, 2, 3);

  @AutoClose private IsrBench bench = IsrBench.open(100);

  private void fence(int node) {
    bench.plane.apply(new FenceBroker(node, bench.epochOf(node)));
    bench.settle();
  }

  private void unfence(int node) {
    bench.plane.apply(new UnfenceBroker(node, bench.epochOf(node)));
    bench.settle();
  }

  @Test
  void followerJoinsAtOnceWhenItHasCaughtUp() {
    bench.create(1, 1);
    fence(3);
    unfence(3);
    bench.append(0, 5);
    bench.fetchAll(2);
    assertEquals(List.of(1, 2), bench.isr(0));

    bench.fetch(3, bench.replica(0), 4);
    bench.settle();
    assertEquals(List.of(1, 2), bench.isr(0));
    bench.fetch(3, bench.replica(0), 5);
    bench.settle();

    assertEquals(ALL, bench.isr(0));
    assertEquals(1, bench.metrics.meter("penstock.isr.expands").getCount());
  }

  @Test
  void followerThatCaughtUpBeforeItServedJoinsWhenItServes() {
    bench.create(1, 1);
    fence(3);
    bench.fetchAll(3);
    bench.settle();
    assertEquals(List.of(1, 2), bench.isr(0));

    unfence(3);

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void followerThatIsAboutToStopDoesNotJoin() {
    bench.create(1, 1);
    fence(3);
    bench.plane.apply(new UnfenceBroker(3, bench.epochOf(3)));
    bench.plane.apply(new DrainBroker(3, bench.epochOf(3)));
    bench.settle();

    bench.fetchAll(3);
    bench.settle();

    assertEquals(List.of(1, 2), bench.isr(0));
    assertTrue(bench.asked.isEmpty());
  }

  @Test
  void followerThatLagsForLongLeaves() {
    bench.create(1, 1);
    bench.append(0, 1);
    bench.fetchAll(2);
    bench.loop.advance(IsrBench.LAG_MS - 2_000);
    bench.settle();
    assertEquals(ALL, bench.isr(0));

    bench.loop.advance(4_000);
    bench.settle();

    assertEquals(List.of(1, 2), bench.isr(0));
    assertEquals(1, bench.metrics.meter("penstock.isr.shrinks").getCount());
  }

  @Test
  void idlePartitionsAreNotLookedAt() {
    bench.create(1, 1);
    bench.append(0, 1);
    bench.fetchAll(2);
    bench.fetchAll(3);

    bench.loop.advance(10 * IsrBench.LAG_MS);
    bench.settle();

    assertEquals(ALL, bench.isr(0));
    assertTrue(bench.asked.isEmpty());
  }

  @Test
  void followerLeavesAtOnceWhenNobodyListensWhereItWas() {
    bench.create(2, 1);
    bench.loop.advance(10);
    bench.loseConnection(3);
    assertEquals(ALL, bench.isr(0), "a lost connection alone says little");

    bench.failProbe(3, PeerException.Kind.REFUSED);

    assertEquals(List.of(1, 2), bench.isr(0));
    assertEquals(List.of(1, 2), bench.isr(1));
    assertEquals(1, bench.asked.size(), "in one command");
  }

  @Test
  void followerLeavesWhenAnotherProcessAnswersInItsPlace() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.loseConnection(3);

    bench.answerProbe(3, new PeerCaller(3, new UUID(9, 9)));

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void followerThatAnswersByItselfStays() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.loseConnection(3);

    bench.answerProbe(3, InMemoryControlPlane.processOf(3));

    assertEquals(ALL, bench.isr(0));
    assertEquals(1, bench.probed);
  }

  @Test
  void silentFollowerLeavesUnlessItWasHeardOfMeanwhile() {
    bench.create(2, 1);
    bench.loop.advance(10);
    bench.loseConnection(3);
    bench.loop.advance(500);
    bench.fetch(3, bench.replica(1), 0);

    bench.failProbe(3, PeerException.Kind.TIMEOUT);

    assertEquals(List.of(1, 2), bench.isr(0));
    assertEquals(ALL, bench.isr(1));
  }

  @Test
  void followerThatWasSilentOnceIsTakenBackWhereItHasNothingToAskFor() {
    bench.create(1, 1);
    bench.fetchAll(2);
    bench.fetchAll(3);
    bench.loop.advance(10);
    bench.loseConnection(3);
    bench.loop.advance(500);
    bench.failProbe(3, PeerException.Kind.TIMEOUT);
    assertEquals(List.of(1, 2), bench.isr(0));

    bench.loop.advance(IsrBench.LAG_MS + 1_000);
    bench.settle();

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void probeThatCouldNotBeSentSaysNothing() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.loseConnection(3);

    bench.failProbe(3, PeerException.Kind.BUSY);
    assertEquals(ALL, bench.isr(0));
    bench.loop.advance(50);
    assertEquals(2, bench.probed);
    bench.answerProbe(3, InMemoryControlPlane.processOf(3));

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void connectionThatIsLostDuringTheProbeIsLookedIntoAgain() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.loseConnection(3);
    bench.loseConnection(3);
    assertEquals(1, bench.probed);
    bench.answerProbe(3, InMemoryControlPlane.processOf(3));

    bench.loop.advance(50);
    assertEquals(2, bench.probed, "the answer may be older than the loss");
    bench.failProbe(3, PeerException.Kind.REFUSED);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void lossOfAnEarlierProcessIsNoEvidence() {
    bench.create(1, 1);

    bench.loseConnectionOf(new PeerCaller(3, new UUID(9, 9)));

    assertEquals(0, bench.probed);
  }

  @Test
  void followerThatIsBackAfterItWasGoneJoinsAgain() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.loseConnection(3);
    bench.failProbe(3, PeerException.Kind.UNREACHABLE);
    assertEquals(List.of(1, 2), bench.isr(0));

    bench.loop.advance(10);
    bench.fetchAll(3);
    bench.settle();

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void whatComesWhileAnAnswerIsWaitedForIsAskedForTogetherAfterIt() {
    bench.create(4, 1);
    fence(3);
    unfence(3);
    bench.holdAnswers();
    bench.fetch(3, bench.replica(0), 0);
    bench.loop.run();
    bench.fetchAll(3);
    assertEquals(1, bench.asked.size());

    bench.letAnswersPass();

    assertEquals(List.of(1, 3), bench.asked.stream().map(IsrKeeperTest::size).toList());
    for (int i = 0; i < 4; i++) {
      assertEquals(ALL, bench.isr(i));
    }
  }

  private static int size(ChangeIsr command) {
    return command.changes().size();
  }

  @Test
  void commandHoldsSoManyPartitionsAtMost() throws Exception {
    bench.close();
    bench = IsrBench.open(2);
    bench.create(5, 1);
    bench.loop.advance(10);
    bench.loseConnection(2);

    bench.failProbe(2, PeerException.Kind.REFUSED);

    assertEquals(List.of(2, 2, 1), bench.asked.stream().map(IsrKeeperTest::size).toList());
    assertEquals(List.of(1, 3), bench.isr(4));
  }

  @Test
  void watermarkWaitsForThoseWhoWereAskedInWhileTheAnswerIsOpen() {
    bench.create(1, 1);
    fence(3);
    unfence(3);
    bench.holdAnswers();
    bench.fetchAll(3);
    bench.append(0, 5);
    bench.fetchAll(2);

    assertEquals(0, bench.replica(0).highWatermark());
    bench.letAnswersPass();
    assertEquals(0, bench.replica(0).highWatermark());
    bench.fetchAll(3);

    assertEquals(5, bench.replica(0).highWatermark());
  }

  @Test
  void whatNobodyAnsweredIsAskedForAgainByTheNewestState() {
    bench.create(1, 1);
    fence(3);
    unfence(3);
    bench.plane.next(Fate.LOST);
    bench.fetchAll(3);
    bench.settle();
    assertEquals(List.of(1, 2), bench.isr(0));
    bench.append(0, 5);
    bench.fetchAll(2);
    fence(3);
    assertEquals(0, bench.replica(0).highWatermark(), "3 may be in the ISR for all that is known");

    bench.loop.advance(20);
    bench.settle();

    assertEquals(2, bench.asked.size());
    assertEquals(List.of(1, 2), bench.isr(0));
    assertEquals(5, bench.replica(0).highWatermark(), "3 is ruled out");
  }

  @Test
  void whatWasTakenWithoutAnAnswerIsNotAskedForAgain() {
    bench.create(1, 1);
    fence(3);
    unfence(3);
    bench.plane.next(Fate.UNANSWERED);
    bench.fetchAll(3);
    bench.settle();
    bench.loop.advance(5_000);
    bench.settle();

    assertEquals(ALL, bench.isr(0));
    assertEquals(1, bench.asked.size());
  }

  @Test
  void retriesComeLessAndLessOften() {
    bench.create(1, 1);
    fence(3);
    unfence(3);
    for (int i = 0; i < 100; i++) {
      bench.plane.next(Fate.LOST);
    }
    bench.fetchAll(3);
    bench.loop.advance(5_000);

    assertTrue(bench.asked.size() > 8, "it goes on: " + bench.asked.size());
    assertTrue(bench.asked.size() < 20, "and not all the time: " + bench.asked.size());
  }

  @Test
  void partitionThatHasMovedOnIsLeftAloneUntilItsReplicaIsTold() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.holdAnswers();
    bench.loseConnection(3);
    bench.failProbe(3, PeerException.Kind.REFUSED);
    bench.plane.apply(new FenceBroker(3, bench.epochOf(3)));

    bench.letAnswersPass();
    bench.loop.advance(5_000);
    bench.settle();

    assertEquals(List.of(1, 2), bench.isr(0));
    assertEquals(1, bench.asked.size());
    assertEquals(1, bench.metrics.meter("penstock.isr.failures").getCount());
  }

  @Test
  void memberThatTheClusterKnowsBetterIsJudgedAnew() {
    bench.create(1, 1);
    fence(3);
    unfence(3);
    bench.holdAnswers();
    bench.fetchAll(3);
    bench.plane.apply(new FenceBroker(3, bench.epochOf(3)));

    bench.letAnswersPass();
    bench.loop.advance(20);
    bench.settle();

    assertEquals(List.of(1, 2), bench.isr(0));
    assertEquals(2, bench.asked.size(), "what was asked for is ruled out");
    bench.append(0, 1);
    bench.fetchAll(2);
    assertEquals(1, bench.replica(0).highWatermark());
  }

  @Test
  void fencedBrokerAsksForNothing() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.plane.apply(new FenceBroker(IsrBench.SELF, bench.epochOf(IsrBench.SELF)));

    bench.loseConnection(3);
    bench.failProbe(3, PeerException.Kind.REFUSED);
    bench.loop.advance(5_000);

    assertTrue(bench.asked.isEmpty());
  }

  @Test
  void partitionThatIsServedNoMoreIsNotAskedFor() {
    bench.create(2, 1);
    bench.loop.advance(10);
    bench.keeper.removed(bench.replica(0));

    bench.loseConnection(3);
    bench.failProbe(3, PeerException.Kind.REFUSED);

    assertEquals(ALL, bench.isr(0));
    assertEquals(List.of(1, 2), bench.isr(1));
    assertEquals(1, bench.gauge("penstock.partitions.led"));
  }

  @Test
  void closedKeeperAsksForNothing() {
    bench.create(1, 1);
    bench.loop.advance(10);
    bench.keeper.close();

    bench.loseConnection(3);
    bench.failProbe(3, PeerException.Kind.REFUSED);

    assertTrue(bench.asked.isEmpty());
  }

  @Test
  void partitionsThatLackReplicasAreCounted() {
    bench.create(3, 2);
    assertEquals(3, bench.gauge("penstock.partitions.led"));
    assertEquals(0, bench.gauge("penstock.partitions.under.replicated"));

    fence(3);
    assertEquals(3, bench.gauge("penstock.partitions.under.replicated"));
    assertEquals(3, bench.gauge("penstock.partitions.at.min.isr"));
    assertEquals(0, bench.gauge("penstock.partitions.under.min.isr"));
    fence(2);

    assertEquals(0, bench.gauge("penstock.partitions.at.min.isr"));
    assertEquals(3, bench.gauge("penstock.partitions.under.min.isr"));
    fence(1);
    assertEquals(0, bench.gauge("penstock.partitions.led"));
    assertEquals(0, bench.gauge("penstock.partitions.under.replicated"));
    assertFalse(bench.replica(0).isFollowedBy(2));
  }
}
