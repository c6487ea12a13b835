package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.liveness.message.AppliedPositions;
import io.penstock.replication.liveness.message.Heartbeat;
import io.penstock.replication.liveness.message.HeartbeatAnswer;
import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.value.Position;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the monitor of a leader answers to heartbeats, one by one. */
class BrokerMonitorTest {

  private final SimCluster cluster = SimCluster.running(11);
  private final long epoch = cluster.node(5).lifecycle().epoch();

  private HeartbeatAnswer beat(int to, long brokerEpoch, long appliedIndex) {
    PeerHandler handler = cluster.node(to).handlers().get(PeerApi.HEARTBEAT);
    assertNotNull(handler);
    AppliedPositions applied = new AppliedPositions(new Position(1, appliedIndex), Position.NONE);
    Heartbeat heartbeat = new Heartbeat(5, brokerEpoch, new UUID(8, 5), true, applied, 0);
    CompletableFuture<byte[]> answer =
        handler
            .handle(cluster.node(5).caller(), LivenessCodec.encode(heartbeat))
            .toCompletableFuture();
    cluster.time().runUntil(answer::isDone, 100);
    return LivenessCodec.decodeHeartbeatAnswer(answer.join());
  }

  private static void assertHeardFenced(HeartbeatAnswer answer) {
    assertTrue(answer instanceof HeartbeatAnswer.Heard(boolean fenced, _) && fenced, "" + answer);
  }

  @Test
  void aBrokerServesAgainOnlyWhenItHasSeenThatItWasFenced() {
    cluster.node(5).process().pause();
    cluster.group().apply(new FenceBroker(5, epoch));
    int fencedAt = cluster.group().lastIndex();

    assertHeardFenced(beat(1, epoch, fencedAt - 1));
    cluster.time().run(100);
    assertTrue(cluster.isFenced(5));

    assertHeardFenced(beat(1, epoch, fencedAt));
    cluster.time().run(100);
    assertFalse(cluster.isFenced(5));
  }

  @Test
  void aLeaderThatDoesNotKnowAnEpochYetDoesNotCallItGone() {
    assertEquals(new HeartbeatAnswer.NotLeader(-1), beat(1, epoch + 100, 1));
  }

  @Test
  void anEpochThatIsGoneIsToBeRegisteredAgain() {
    cluster.kill(5);
    cluster.restart(5);
    cluster.time().run(1_000);

    assertTrue(beat(1, epoch, 1) instanceof HeartbeatAnswer.NotRegistered);
  }

  @Test
  void whoDoesNotLeadNamesTheLeader() {
    assertEquals(new HeartbeatAnswer.NotLeader(1), beat(2, epoch, 1));
  }

  @Test
  void aNodeThatSpeaksForAnotherIsRefused() {
    PeerHandler handler = cluster.node(1).handlers().get(PeerApi.HEARTBEAT);
    assertNotNull(handler);
    byte[] body =
        LivenessCodec.encode(
            new Heartbeat(5, epoch, new UUID(8, 5), true, AppliedPositions.NONE, 0));

    assertThrows(
        IllegalArgumentException.class, () -> handler.handle(cluster.node(4).caller(), body));
  }

  @Test
  void showsHowFarEachBrokerIsAndForgetsItWithTheLeadership() {
    cluster.time().run(1_000);
    BrokerProgress progress = cluster.node(1).monitor().progress().get(5);
    assertNotNull(progress);
    assertEquals(cluster.group().lastIndex(), progress.applied().leadership().index());
    assertTrue(progress.contactAgoMs() <= 510, progress::toString);
    assertTrue(progress.leadershipCaughtUpAgoMs() <= 510, progress::toString);

    cluster.group().elect(2);
    cluster.time().run(200);

    assertTrue(cluster.node(1).monitor().progress().isEmpty());
    assertEquals(5, cluster.node(2).monitor().progress().size());
  }
}
