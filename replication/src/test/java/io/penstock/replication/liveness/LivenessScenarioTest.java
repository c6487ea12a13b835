package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.ProbeAnswer;
import io.penstock.replication.liveness.message.ProbeOutcome;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens to brokers, fault by fault, in virtual time. */
class LivenessScenarioTest {

  private static final long SEED = 7;
  private static final long SESSION_MS = 4_000;
  private static final long EVIDENCE_MS = 500;

  private final SimCluster cluster = SimCluster.running(SEED);

  private long msUntilFenced(int id, long withinMs) {
    return cluster.time().runUntil(() -> cluster.isFenced(id), withinMs);
  }

  private void assertFencedWithin(int id, long withinMs) {
    long took = msUntilFenced(id, withinMs);
    assertTrue(took >= 0, () -> "broker " + id + " not fenced: " + cluster.describe());
  }

  private void assertStaysUnfenced(int id, long forMs) {
    assertEquals(-1, msUntilFenced(id, forMs), cluster::describe);
  }

  private void quiet(long forMs) {
    cluster.time().run(forMs);
  }

  private void assertAllActiveWithin(long withinMs) {
    long took = cluster.time().runUntil(cluster::areAllActive, withinMs);
    assertTrue(took >= 0, cluster::describe);
  }

  private int fencesProposedBy(int node) {
    return (int)
        cluster.node(node).proposed().stream().filter(FenceBroker.class::isInstance).count();
  }

  private List<String> statesOf(int id) {
    return cluster.node(id).states().stream().map(text -> text.split(" ", 2)[0]).toList();
  }

  @AfterEach
  void nothingWasViolated() {
    assertEquals(List.of(), cluster.violations());
  }

  @Test
  void brokersComeUpAndServe() {
    assertTrue(cluster.areAllActive(), cluster::describe);
    assertEquals(List.of("FENCED", "ACTIVE"), statesOf(5));
    assertEquals(5, cluster.node(1).monitor().progress().size());
    assertEquals(0, fencesProposedBy(1));
  }

  @Test
  void aKilledBrokerIsFencedByEvidence() {
    cluster.kill(5);

    assertFencedWithin(5, 50);
    quiet(SESSION_MS);
    assertEquals(1, fencesProposedBy(1));
    assertEquals(1, cluster.node(1).counter("fenced.evidence"));
  }

  @Test
  void aBrokerThatWasKilledInTheMiddleOfAProbeIsProbedAgain() {
    for (int i = 0; i < 20; i++) {
      cluster.network().breakConnection(cluster.node(5), cluster.node(1));
      quiet(i % 5);
      cluster.kill(5);
      assertFencedWithin(5, 200);
      cluster.restart(5);
      assertAllActiveWithin(2_000);
    }
  }

  @Test
  void aKilledBrokerWhoseHostVanishedIsFencedWhenAllAgree() {
    cluster.network().vanishing(cluster.node(5).address()::equals);

    cluster.kill(5);

    assertFencedWithin(5, EVIDENCE_MS);
  }

  @Test
  void aKilledBrokerThatOneOtherStillReachesIsLeftToItsSession() {
    cluster.network().vanishing(cluster.node(5).address()::equals);
    cluster.node(4).handlers().put(PeerApi.PROBE, (_, _) -> found(ProbeOutcome.SAME_PROCESS));

    cluster.kill(5);

    assertStaysUnfenced(5, SESSION_MS - 600);
    assertFencedWithin(5, 1_200);
    quiet(50);
    assertEquals(1, cluster.node(1).counter("fenced.session"));
  }

  @Test
  void aStoppedProcessIsFencedByItsSession() {
    cluster.node(5).process().pause();

    assertStaysUnfenced(5, SESSION_MS - 600);
    assertFencedWithin(5, 1_100);
    quiet(50);
    assertEquals(1, cluster.node(1).counter("fenced.session"));
  }

  @Test
  void aStoppedProcessGoesOnUnderTheSameRegistration() {
    long epoch = cluster.node(5).lifecycle().epoch();
    cluster.node(5).process().pause();
    quiet(20_000);
    assertTrue(cluster.node(5).lifecycle().isCutOff());

    cluster.node(5).process().resume();

    assertAllActiveWithin(500);
    assertEquals(epoch, cluster.node(5).lifecycle().epoch());
    assertEquals(List.of("FENCED", "ACTIVE", "FENCED", "ACTIVE"), statesOf(5));
    assertEquals(1, fencesProposedBy(1));
  }

  @Test
  void aLostConnectionToALivingBrokerFencesNobody() {
    for (int i = 0; i < 100; i++) {
      cluster.network().breakConnection(cluster.node(5), cluster.node(1 + i % 4));
      quiet(30);
    }

    assertEquals(0, fencesProposedBy(1));
    assertEquals(List.of("FENCED", "ACTIVE"), statesOf(5));
  }

  @Test
  void aSuspectIsProbedNoMoreOftenThanTheBound() {
    int[] probes = new int[1];
    PeerHandler answers = probeHandler(5);
    cluster
        .node(5)
        .handlers()
        .put(
            PeerApi.PROBE,
            (caller, body) -> {
              probes[0] += caller.nodeId() == 1 ? 1 : 0;
              return answers.handle(caller, body);
            });

    for (int i = 0; i < 1_000; i++) {
      cluster.network().breakConnection(cluster.node(5), cluster.node(1 + i % 4));
      quiet(1);
    }

    assertTrue(probes[0] >= 10 && probes[0] <= 21, () -> probes[0] + " probes in a second");
  }

  private PeerHandler probeHandler(int id) {
    PeerHandler handler = cluster.node(id).handlers().get(PeerApi.PROBE);
    assertNotNull(handler);
    return handler;
  }

  private static CompletionStage<byte[]> found(ProbeOutcome outcome) {
    return CompletableFuture.completedFuture(LivenessCodec.encode(new ProbeAnswer.Found(outcome)));
  }

  @Test
  void aWrongSuspicionCostsAnUnfencingAndNothingElse() {
    long epoch = cluster.node(5).lifecycle().epoch();
    cluster.node(5).handlers().put(PeerApi.PROBE, (_, _) -> otherProcess());
    cluster.network().breakConnection(cluster.node(5), cluster.node(3));

    assertFencedWithin(5, 100);

    assertAllActiveWithin(200);
    assertEquals(epoch, cluster.node(5).lifecycle().epoch());
    assertEquals(1, cluster.node(1).counter("fenced.evidence"));
  }

  private static CompletionStage<byte[]> otherProcess() {
    return CompletableFuture.completedFuture(
        LivenessCodec.encode(new ProbeAnswer.Here(5, new UUID(99, 99))));
  }

  @Test
  void aBrokerThatLivesWhereNobodyAnswersIsFencedOnceInASession() {
    cluster.node(5).handlers().put(PeerApi.PROBE, (_, _) -> otherProcess());

    for (int i = 0; i < 3 * SESSION_MS / 100; i++) {
      cluster.network().breakConnection(cluster.node(5), cluster.node(3));
      quiet(100);
    }

    assertEquals(3, fencesProposedBy(1));
    assertAllActiveWithin(500);
  }

  @Test
  void aBrokerThatDiesWhileItIsUnfencedIsFencedByEvidence() {
    cluster.kill(5);
    for (int i = 0; i < 20; i++) {
      SimNode node = cluster.restart(5);
      cluster.time().runUntil(() -> isBeingUnfenced(node), 1_000);

      cluster.kill(5);

      quiet(20);
      assertFencedWithin(5, EVIDENCE_MS);
    }
  }

  private boolean isBeingUnfenced(SimNode node) {
    return cluster.node(1).proposed().getLast() instanceof UnfenceBroker(int id, long epoch)
        && id == node.id()
        && epoch == node.lifecycle().epoch();
  }

  @Test
  void aRestartedBrokerIsTakenInAtOnceUnderANewEpoch() {
    long former = cluster.node(5).lifecycle().epoch();
    cluster.kill(5);

    cluster.restart(5);

    assertAllActiveWithin(100);
    assertTrue(cluster.node(5).lifecycle().epoch() > former);
  }

  @Test
  void aReportOfAnOldProcessDoesNotTouchTheNewOne() {
    PeerCaller old = cluster.node(5).caller();
    cluster.kill(5);
    cluster.restart(5);
    assertAllActiveWithin(100);
    cluster.node(5).handlers().put(PeerApi.PROBE, (_, _) -> otherProcess());

    cluster.node(3).reporter().connectionLost(old, cluster.node(5).address());

    quiet(1_000);
    assertEquals(List.of("FENCED", "ACTIVE"), statesOf(5));
  }

  @Test
  void theNextLeaderFindsABrokerThatDiedWithTheFormerOne() {
    cluster.node(5).process().pause(); // so that nobody could report it
    cluster.kill(1);
    cluster.kill(5);
    assertTrue(cluster.time().runUntil(() -> cluster.group().leaderId() > 1, 5_000) >= 0);

    assertFencedWithin(5, 50);
    assertFencedWithin(1, 50);
  }

  @Test
  void theNextLeaderFindsTheFormersRegistrationReplacedByItsRestart() {
    cluster.kill(1);
    cluster.restart(1);
    cluster.group().elect(1);

    assertAllActiveWithin(1_000);
  }

  @Test
  void brokersFollowANewLeaderAtOnce() {
    for (int leader : new int[] {2, 3, 1, 3, 2}) {
      cluster.group().elect(leader);
      quiet(200);
      assertEquals(5, cluster.node(leader).monitor().progress().size());
      assertTrue(cluster.areAllActive(), cluster::describe);
    }
    assertEquals(0, fencesProposedBy(1) + fencesProposedBy(2) + fencesProposedBy(3));
  }

  @Test
  void aNewLeaderGivesEverySessionItsWholeTime() {
    cluster.node(5).process().pause();
    quiet(SESSION_MS - 1_000);

    cluster.group().elect(2);

    assertStaysUnfenced(5, SESSION_MS);
    assertFencedWithin(5, 500);
  }

  @Test
  void aStoppedLeaderIsFencedByTheSessionThatItHad() {
    cluster.node(1).process().pause(); // the others elect one of them after a while

    assertFencedWithin(1, SESSION_MS + 500);
  }

  @Test
  void aLeaderThatStoodStillFencesNobodyForThat() {
    cluster.node(1).process().pause();
    quiet(900);
    cluster.node(1).process().resume();
    quiet(500);
    assertEquals(0, fencesProposedBy(1));

    // The rest of the cluster agrees on nobody else meanwhile: only its own clock can warn it.
    cluster.network().cut(1, 2);
    cluster.network().cut(1, 3);
    cluster.network().cut(2, 3);
    cluster.node(1).process().pause();
    quiet(30_000);
    cluster.network().healAll();
    cluster.node(1).process().resume();
    cluster.group().elect(1);
    quiet(3_000);

    assertEquals(0, fencesProposedBy(1), cluster::describe);
    assertAllActiveWithin(3_000);
  }

  @Test
  void aBrokerInAMinorityKnowsThatItIsCutOff() {
    for (int other = 1; other <= 4; other++) {
      cluster.network().cut(other, 5);
    }
    quiet(SESSION_MS - 600);
    assertFalse(cluster.node(5).lifecycle().isCutOff());
    assertEquals(0, cluster.node(5).cutOffs());

    quiet(1_200);

    assertTrue(cluster.node(5).lifecycle().isCutOff());
    assertTrue(cluster.node(5).cutOffs() > 0);
    assertTrue(cluster.isFenced(5));
    cluster.network().healAll();
    assertAllActiveWithin(1_500);
  }

  @Test
  void aLeaderWithoutItsMajorityIsCutOffThoughItAnswersItself() {
    cluster.network().cut(1, 2);
    cluster.network().cut(1, 3);

    quiet(SESSION_MS + 600);

    assertTrue(cluster.node(1).lifecycle().isCutOff());
    assertTrue(cluster.node(1).cutOffs() > 0);
    assertTrue(cluster.node(5).lifecycle().state() == BrokerState.ACTIVE);
  }

  @Test
  void aLeaderThatHearsNothingIsFencedSoonAfterItsSuccessorIsElected() {
    cluster.network().deafen(1);
    assertTrue(cluster.time().runUntil(() -> cluster.group().leaderId() > 1, SESSION_MS) >= 0);

    assertFencedWithin(1, SESSION_MS);
    assertFalse(cluster.isFenced(5));
  }

  @Test
  void aBrokerThatHearsNothingIsFencedThoughItsHeartbeatsArrive() {
    cluster.network().deafen(5);

    assertStaysUnfenced(5, SESSION_MS - 600);
    assertFencedWithin(5, SESSION_MS + 600);
    assertTrue(cluster.node(5).lifecycle().isCutOff());
    quiet(3 * SESSION_MS);
    assertTrue(cluster.isFenced(5));
    assertEquals(1, fencesProposedBy(1));

    cluster.network().healAll();
    assertAllActiveWithin(1_500);
  }

  @Test
  void aBrokerWhoseRegistrationIsGoneRegistersAgain() {
    long former = cluster.node(5).lifecycle().epoch();
    cluster.group().apply(new FenceBroker(5, former));
    cluster.group().apply(new UnregisterBroker(5));

    assertAllActiveWithin(1_000);

    assertTrue(cluster.node(5).lifecycle().epoch() > former);
    assertEquals(List.of("FENCED", "ACTIVE", "REGISTERING", "FENCED", "ACTIVE"), statesOf(5));
  }

  @Test
  void aStoppingBrokerLeavesAtOnceAndIsMissedByNobody() {
    CompletableFuture<Void> stopped = cluster.node(5).lifecycle().stop().toCompletableFuture();

    assertTrue(cluster.time().runUntil(stopped::isDone, 100) >= 0);

    assertTrue(cluster.isFenced(5));
    assertEquals(List.of("FENCED", "ACTIVE", "DRAINING", "STOPPED"), statesOf(5));
    quiet(2 * SESSION_MS);
    assertTrue(cluster.isFenced(5));
    assertEquals(0, fencesProposedBy(1));
  }

  @Test
  void aStoppingBrokerGivesItsLeadershipsAwayFirst() {
    UUID topic = new UUID(9, 9);
    cluster.group().apply(new CreateTopics(List.of(NewTopic.placed("t", topic, 10, 3))));
    quiet(50);

    var _ = cluster.node(5).lifecycle().stop();
    cluster.time().runUntil(() -> cluster.isFenced(5), 1_000);

    LeadershipImage beforeFencing = cluster.group().imageAt(cluster.group().lastIndex() - 1);
    for (int i = 0; i < 10; i++) {
      assertNotEquals(5, partition(beforeFencing, topic, i).leader());
    }
  }

  private static PartitionImage partition(LeadershipImage image, UUID topic, int partition) {
    PartitionImage found = image.partition(topic, partition);
    assertNotNull(found);
    return found;
  }

  @Test
  void aBrokerThatStopsWithTheWholeClusterDoesNotWaitLong() {
    cluster.kill(1);
    cluster.kill(2);
    cluster.kill(3);
    CompletableFuture<Void> stopped = cluster.node(5).lifecycle().stop().toCompletableFuture();

    assertTrue(cluster.time().runUntil(stopped::isDone, SESSION_MS / 2 + 500) >= 0);
  }

  @Test
  void aSecondProcessUnderALivingIdIsRefusedAndTheFirstLivesOn() {
    SimNode second = cluster.impostor(5, "elsewhere");
    CompletableFuture<Long> registered = second.lifecycle().register().toCompletableFuture();

    assertTrue(cluster.time().runUntil(registered::isDone, 3 * SESSION_MS) >= 0);

    ExecutionException refused = assertThrows(ExecutionException.class, registered::get);
    RegistrationRefusedException why =
        assertInstanceOf(RegistrationRefusedException.class, refused.getCause());
    String message = String.valueOf(why.getMessage());
    assertTrue(message.contains("node id 5 is in use"), message);
    assertTrue(message.contains("node5:9093"), message);
    assertEquals(BrokerState.STOPPED, second.lifecycle().state());
    assertEquals(List.of("FENCED", "ACTIVE"), statesOf(5));
  }

  @Test
  void aProcessWhoseIdWasFreedIsTakenInElsewhere() {
    cluster.node(5).process().pause(); // alive by its session, but it does not answer
    SimNode second = cluster.impostor(5, "elsewhere");
    CompletableFuture<Long> serving = second.lifecycle().serve().toCompletableFuture();

    assertTrue(cluster.time().runUntil(serving::isDone, 2_000) >= 0, cluster::describe);

    BrokerImage broker = cluster.broker(5);
    assertNotNull(broker);
    assertEquals("elsewhere", broker.peer().host());
  }
}
