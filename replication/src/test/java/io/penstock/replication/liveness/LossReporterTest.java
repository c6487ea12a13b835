package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which losses a leader is told of, in virtual time. */
class LossReporterTest {

  private static final long SEED = 11;
  private static final long SESSION_MS = 4_000;

  private final SimCluster cluster = SimCluster.running(SEED);

  /**
   * Voters cannot elect anybody; a loss is reported to nobody until it is not worth it any more.
   * Later one of them leads, another one stands still, and a third process dies.
   */
  @Test
  void reportsThatReachedNobodyDoNotHoldUpTheNextOne() {
    for (int i = 0; i < 20; i++) {
      reportInVain(60L * i);
      cluster.group().elect(1);
      cluster.time().run(2_000);
      cluster.node(3).process().pause();

      cluster.kill(5);

      assertTrue(cluster.time().runUntil(() -> cluster.isFenced(5), 50) >= 0, cluster::describe);
      cluster.node(3).process().resume();
      cluster.restart(5);
      assertTrue(cluster.time().runUntil(cluster::areAllActive, 5_000) >= 0, cluster::describe);
    }
    assertEquals(List.of(), cluster.violations());
  }

  /** The one who led last is named by others for a while. */
  @Test
  void newsOfALeaderCountWhileNothingIsReported() {
    cluster.group().elect(3);
    cluster.time().run(1_000);
    cluster.network().breakConnection(cluster.node(1), cluster.node(4)); // told to node 3
    cluster.time().run(1_000);

    cluster.group().elect(1);
    cluster.time().run(1_000);
    cluster.node(3).process().pause();
    cluster.kill(5);

    assertTrue(cluster.time().runUntil(() -> cluster.isFenced(5), 50) >= 0, cluster::describe);
  }

  private void reportInVain(long beforeMs) {
    cluster.network().cut(1, 2);
    cluster.network().cut(1, 3);
    cluster.network().cut(2, 3);
    cluster.time().run(5_000 + beforeMs);
    cluster.network().breakConnection(cluster.node(1), cluster.node(5));
    cluster.time().run(SESSION_MS + 2_000);
    cluster.network().healAll();
  }
}
