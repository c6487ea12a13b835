package io.penstock.replication.isr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.peer.PeerException;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an {@link IsrKeeper} makes of followers that ask for nothing, though no connection ended.
 */
@Timeout(60)
class SilentFollowersTest {

  private static final List<Integer> ALL = List.of(1, 2, 3);

  @AutoClose private final IsrBench bench = IsrBench.open(100);

  /** All are heard of, then something is appended, and only 2 asks for it. */
  private void silenceOf3(int partitions) {
    bench.create(partitions, 1);
    bench.fetchAll(2);
    bench.fetchAll(3);
    bench.append(0, 1);
    bench.fetchAll(2);
    bench.loop.advance(IsrBench.SILENCE_MS + 500);
    bench.settle();
  }

  private void leaveProbesUnanswered(int count) {
    for (int i = 0; i < count; i++) {
      bench.leaveProbeUnanswered(3);
    }
  }

  @Test
  void followerThatAsksForNothingAndAnswersNothingLeaves() {
    silenceOf3(2);
    assertEquals(1, bench.probed);

    for (int i = 1; i < IsrSettings.UNANSWERED_MAX; i++) {
      bench.leaveProbeUnanswered(3);
      assertEquals(ALL, bench.isr(0), "it may stand still for a moment");
    }
    bench.leaveProbeUnanswered(3);

    assertEquals(List.of(1, 2), bench.isr(0));
    assertEquals(List.of(1, 2), bench.isr(1), "also where it had nothing to ask for");
    assertEquals(1, bench.replica(0).highWatermark());
  }

  @Test
  void followerThatWasNeverHeardOfIsWaitedForFromWhenThereIsSomethingToAskFor() {
    bench.create(1, 1);
    bench.loop.advance(10_000);
    bench.append(0, 1);
    bench.fetchAll(2);
    bench.loop.advance(IsrBench.SILENCE_MS);
    assertEquals(0, bench.probed);

    bench.loop.advance(1_000);

    assertEquals(1, bench.probed);
  }

  @Test
  void followerThatAnswersStaysHoweverSlowItIs() {
    silenceOf3(1);

    for (int i = 0; i < 10; i++) {
      bench.answerProbe(3, InMemoryControlPlane.processOf(3));
      bench.loop.advance(1_000);
    }

    assertEquals(ALL, bench.isr(0));
    assertTrue(bench.asked.isEmpty());
  }

  @Test
  void followerThatAnswersInTheEndHasToBeMissedAnew() {
    silenceOf3(1);
    bench.leaveProbeUnanswered(3);
    bench.leaveProbeUnanswered(3);
    bench.answerProbe(3, InMemoryControlPlane.processOf(3));
    bench.loop.advance(500);

    bench.leaveProbeUnanswered(3);

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void followerThatGoesOnAfterAPauseStays() {
    silenceOf3(2);
    bench.leaveProbeUnanswered(3);
    bench.leaveProbeUnanswered(3);
    bench.fetch(3, bench.replica(1), 0);

    bench.leaveProbeUnanswered(3);

    assertEquals(ALL, bench.isr(0));
    assertTrue(bench.asked.isEmpty());
  }

  @Test
  void followerThatIsHeardOfInAnotherPartitionIsNotSilent() {
    silenceOf3(2);
    bench.answerProbe(3, InMemoryControlPlane.processOf(3));
    bench.probed = 0;

    for (int i = 0; i < 10; i++) {
      bench.fetch(3, bench.replica(1), 0);
      bench.loop.advance(1_000);
    }

    assertEquals(0, bench.probed);
  }

  @Test
  void followerNeedNotAskWhereThereIsNothing() {
    bench.create(1, 1);
    bench.append(0, 1);
    bench.fetchAll(2);
    bench.fetchAll(3);

    bench.loop.advance(IsrBench.LAG_MS);

    assertEquals(0, bench.probed);
  }

  @Test
  void leaderThatIsNotAnsweredItselfDoesNotJudge() {
    bench.isCutOff = true;
    silenceOf3(1);

    leaveProbesUnanswered(2 * IsrSettings.UNANSWERED_MAX);

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void leaderThatIsAnsweredAgainJudgesByWhatItAsksFromThenOn() {
    bench.isCutOff = true;
    silenceOf3(1);
    leaveProbesUnanswered(2 * IsrSettings.UNANSWERED_MAX);
    bench.isCutOff = false;
    bench.loop.advance(IsrBench.HEARTBEAT_MS);

    bench.leaveProbeUnanswered(3);
    assertEquals(ALL, bench.isr(0), "it was sent while this node was cut off");
    leaveProbesUnanswered(IsrSettings.UNANSWERED_MAX - 1);
    assertEquals(ALL, bench.isr(0));
    bench.leaveProbeUnanswered(3);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void probesBeforeAndAfterALeaderWasCutOffAreNotInARow() {
    silenceOf3(1);
    bench.leaveProbeUnanswered(3);
    bench.isCutOff = true;
    bench.loop.advance(IsrBench.SILENCE_MS + IsrBench.HEARTBEAT_MS);
    bench.leaveProbeUnanswered(3);
    bench.isCutOff = false;
    bench.loop.advance(2 * IsrBench.HEARTBEAT_MS);

    bench.leaveProbeUnanswered(3);
    leaveProbesUnanswered(IsrSettings.UNANSWERED_MAX - 1);
    assertEquals(ALL, bench.isr(0));
    bench.leaveProbeUnanswered(3);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void leaderIsInContactThoughHeartbeatsAreApartAndItsMajorityTakesTime() {
    bench.majorityOverdueMs = IsrBench.SILENCE_MS - 2 * IsrBench.HEARTBEAT_MS - IsrBench.PROBE_MS;
    silenceOf3(1);

    leaveProbesUnanswered(IsrSettings.UNANSWERED_MAX);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void leaderThatIsAnsweredWithoutItsMajorityIsNotInContact() {
    bench.majorityOverdueMs = IsrBench.SILENCE_MS + 1;
    silenceOf3(1);

    leaveProbesUnanswered(2 * IsrSettings.UNANSWERED_MAX);

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void probesThatCouldNotBeSentSayNothing() {
    silenceOf3(1);

    for (int i = 0; i < 20; i++) {
      bench.failProbe(3, PeerException.Kind.BUSY);
      bench.loop.advance(IsrBench.PROBE_MS);
    }

    assertEquals(ALL, bench.isr(0));
    assertEquals(21, bench.probed);
  }

  @Test
  void silentFollowerWhoseHostRefusesLeavesAtOnce() {
    silenceOf3(1);

    bench.failProbe(3, PeerException.Kind.REFUSED);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void silentFollowerWhoseConnectionEndsIsLookedForAsAnyOther() {
    silenceOf3(1);
    bench.loseConnection(3);
    bench.leaveProbeUnanswered(3);
    assertEquals(ALL, bench.isr(0), "it was sent before that");

    bench.leaveProbeUnanswered(3);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void probeOutOfSilenceThatIsLostWithTheConnectionsSettlesNothing() {
    silenceOf3(1);
    bench.loseConnection(3);

    bench.failProbe(3, PeerException.Kind.LOST);
    bench.loop.advance(IsrBench.PROBE_MS / 10);
    bench.answerProbe(3, InMemoryControlPlane.processOf(3));

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void moreLossesDoNotPutOffWhatAProbeAfterTheFirstOneTells() {
    silenceOf3(1);
    bench.loseConnection(3);
    bench.leaveProbeUnanswered(3);
    bench.loseConnection(3);

    bench.leaveProbeUnanswered(3);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void silentFollowerWhoseHostRefusesWhenItsConnectionEndsLeavesAtOnce() {
    silenceOf3(1);
    bench.loseConnection(3);

    bench.failProbe(3, PeerException.Kind.REFUSED);

    assertEquals(List.of(1, 2), bench.isr(0));
  }

  @Test
  void probesBeforeALossAreNotTheTriesThatItIsGiven() {
    silenceOf3(1);
    for (int i = 0; i < 20; i++) {
      bench.failProbe(3, PeerException.Kind.BUSY);
      bench.loop.advance(IsrBench.PROBE_MS);
    }
    bench.loseConnection(3);
    for (int i = 0; i < 5; i++) {
      bench.failProbe(3, PeerException.Kind.BUSY);
      bench.loop.advance(IsrBench.PROBE_MS);
      assertEquals(ALL, bench.isr(0));
    }

    bench.answerProbe(3, InMemoryControlPlane.processOf(3));

    assertEquals(ALL, bench.isr(0));
  }

  @Test
  void followerThatIsHeardOfAfterItWasGoneJoinsAgain() {
    silenceOf3(1);
    for (int i = 0; i < IsrSettings.UNANSWERED_MAX; i++) {
      bench.leaveProbeUnanswered(3);
    }
    assertEquals(List.of(1, 2), bench.isr(0));

    bench.fetchAll(3);
    bench.settle();

    assertEquals(ALL, bench.isr(0));
  }
}
