package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions that are over before a leader gives up to lead whose majority is silent. */
class ShortSessionTest {

  private static final int SEEDS = 50;
  private static final LivenessSettings SHORT = LivenessSettings.of(166, 500);

  /** Longer than a session, and so short that nobody else is elected. */
  private static final long STALL_MS = 950;

  private static void stallVoters(SimCluster cluster) {
    cluster.group().stallFollowers(true);
    cluster.time().run(STALL_MS);
    cluster.group().stallFollowers(false);
  }

  @Test
  void nobodyIsFencedWhereTheMajorityStoodStillForASession() {
    for (long seed = 0; seed < SEEDS; seed++) {
      SimCluster cluster = SimCluster.running(seed, SHORT);

      stallVoters(cluster);
      cluster.time().run(3_000);

      assertEquals(1, cluster.group().leaderId());
      for (SimNode node : cluster.nodes()) {
        assertEquals(
            List.of("FENCED (is registered)", "ACTIVE (is unfenced)"),
            node.states(),
            "seed " + seed);
        assertFalse(node.lifecycle().isCutOff(), "seed " + seed);
      }
      assertEquals(List.of(), cluster.violations(), "seed " + seed);
    }
  }

  @Test
  void whoIsGoneMeanwhileIsFencedNoMoreThanASessionAfterTheMajorityIsBack() {
    for (long seed = 0; seed < SEEDS; seed++) {
      SimCluster cluster = SimCluster.running(seed, SHORT);
      cluster.node(5).process().pause(); // so that it loses no connection

      stallVoters(cluster);

      long took = cluster.time().runUntil(() -> cluster.isFenced(5), SHORT.sessionMs() + 100);
      assertTrue(took >= 0, "seed " + seed + ": " + cluster.describe());
      assertFalse(cluster.isFenced(4), "seed " + seed + ": " + cluster.describe());
    }
  }

  @Test
  void whoIsGoneIsFencedThoughTheMajorityComesAndGoes() {
    for (long seed = 0; seed < SEEDS; seed++) {
      SimCluster cluster = SimCluster.running(seed, LivenessSettings.of(100, 1_500));
      cluster.node(5).process().pause();

      for (int i = 0; i < 4; i++) {
        stallVoters(cluster);
        cluster.time().run(50);
      }

      assertEquals(1, cluster.group().leaderId());
      assertTrue(cluster.isFenced(5), "seed " + seed + ": " + cluster.describe());
      assertFalse(cluster.isFenced(4), "seed " + seed + ": " + cluster.describe());
    }
  }
}
