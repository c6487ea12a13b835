package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * Brokers and leaders are killed, stopped, cut off, suspected without need and restarted, as a seed
 * has it, under the real rules of the group; {@link SimChecker} says what must hold meanwhile. Set
 * {@code -Dliveness.seed=N} to see one seed again, {@code -Dliveness.seeds=N} for more of them.
 */
class LivenessSimulationTest {

  private static final int SEEDS = Integer.getInteger("liveness.seeds", 100);
  private static final long DURATION_MS = 60_000;
  private static final long SETTLE_MS = 15_000;
  private static final Logger LOG =
      (Logger) LoggerFactory.getLogger("io.penstock.replication.liveness");

  @BeforeAll
  static void quiet() {
    LOG.setLevel(Long.getLong("liveness.seed") == null ? Level.OFF : null);
  }

  @AfterAll
  static void loud() {
    LOG.setLevel(null);
  }

  @Test
  @Timeout(value = 300, unit = TimeUnit.SECONDS)
  void whoIsGoneIsFencedInTimeAndWhoLivesServes() {
    Long only = Long.getLong("liveness.seed");
    long first = only == null ? System.nanoTime() : only;
    int count = only == null ? SEEDS : 1;
    System.out.println("liveness simulation: seeds " + first + " to " + (first + count - 1));
    for (long seed = first; seed < first + count; seed++) {
      try {
        new Run(seed).run();
      } catch (RuntimeException e) {
        fail("seed " + seed, e);
      }
    }
  }

  /** What happens under one seed. */
  private static final class Run {
    private final long seed;
    private final Random random;
    private final SimCluster cluster;
    private final List<String> history = new ArrayList<>();

    private Run(long seed) {
      this.seed = seed;
      this.random = new Random(~seed);
      this.cluster = SimCluster.running(seed);
      boolean hostsVanish = random.nextInt(5) == 0;
      if (hostsVanish) {
        cluster.network().vanishing(_ -> true);
      }
      var _ = new SimChecker(cluster, hostsVanish);
    }

    private void run() {
      long endMs = cluster.time().nowMs() + DURATION_MS;
      boolean isCalm = random.nextInt(3) == 0;
      while (cluster.time().nowMs() < endMs) {
        cluster.time().run(random.nextInt(isCalm ? 12_000 : 1_500));
        disturb();
        assertNothingViolated();
      }
      mend();
      long settled = cluster.time().runUntil(cluster::areAllActive, SETTLE_MS);
      assertNothingViolated();
      assertTrue(settled >= 0, () -> "did not settle: " + story());
    }

    private void assertNothingViolated() {
      assertTrue(cluster.violations().isEmpty(), this::story);
    }

    private String story() {
      return "seed "
          + seed
          + ": "
          + cluster.violations()
          + "\n"
          + String.join("\n", history)
          + "\n"
          + cluster.describe();
    }

    private void did(String what) {
      history.add(cluster.time().nowMs() + " ms: " + what);
    }

    private void disturb() {
      SimNode node = cluster.node(1 + random.nextInt(cluster.nodes().size()));
      SimNode other = cluster.node(1 + random.nextInt(cluster.nodes().size()));
      int id = node.id();
      switch (random.nextInt(14)) {
        case 0, 1 -> kill(node);
        case 2, 3 -> restart(node);
        case 4 -> pause(node);
        case 5, 6 -> resume(node);
        case 7 -> cut(id, other.id());
        case 8 -> heal();
        case 9 -> isolate(id);
        case 10 -> breakConnections(node);
        case 11 -> elect(id);
        case 12 -> stop(node);
        case 13 -> deafen(id);
        default -> throw new IllegalStateException();
      }
    }

    private void kill(SimNode node) {
      if (!node.process().isKilled()) {
        did("kill " + node.id());
        cluster.kill(node.id());
      }
    }

    private void restart(SimNode node) {
      if (node.process().isKilled()) {
        did("restart " + node.id());
        cluster.restart(node.id());
      } else if (node.lifecycle().state() == BrokerState.STOPPED) {
        did("end and restart " + node.id());
        cluster.kill(node.id());
        cluster.restart(node.id());
      }
    }

    private void pause(SimNode node) {
      if (node.process().isRunning()) {
        did("pause " + node.id());
        node.process().pause();
        if (random.nextBoolean()) {
          SimNode paused = node;
          cluster.time().after(random.nextInt(1_500), () -> resume(paused));
        }
      }
    }

    private void resume(SimNode node) {
      if (node.process().isPaused() && !node.process().isKilled()) {
        did("resume " + node.id());
        node.process().resume();
      }
    }

    private void cut(int a, int b) {
      if (a != b) {
        did("cut " + a + " from " + b);
        cluster.network().cut(a, b);
      }
    }

    private void deafen(int id) {
      did("deafen " + id);
      cluster.network().deafen(id);
    }

    private void heal() {
      did("heal");
      cluster.network().healAll();
    }

    private void isolate(int id) {
      for (SimNode other : cluster.nodes()) {
        cut(id, other.id());
      }
    }

    private void breakConnections(SimNode node) {
      if (node.process().isKilled()) {
        return;
      }
      did("break connections of " + node.id());
      for (SimNode other : cluster.nodes()) {
        if (other != node && !other.process().isKilled() && random.nextInt(4) > 0) {
          cluster.network().breakConnection(node, other);
        }
      }
    }

    private void elect(int id) {
      if (id <= cluster.group().voters().length && cluster.group().hasMajority(id)) {
        did("elect " + id);
        cluster.group().elect(id);
      }
    }

    private void stop(SimNode node) {
      if (node.process().isKilled()) {
        return;
      }
      did("stop " + node.id());
      var _ = node.lifecycle().stop();
      long withinMs = cluster.settings().stopMs() + 200;
      cluster
          .time()
          .after(
              withinMs,
              () -> {
                if (node.process().isRunning()
                    && node.lifecycle().state() != BrokerState.STOPPED
                    && !history.isEmpty()
                    && !wasPausedLately(node, withinMs)) {
                  cluster.violated("broker " + node.id() + " does not stop");
                }
              });
    }

    private boolean wasPausedLately(SimNode node, long withinMs) {
      long sinceMs = cluster.time().nowMs() - withinMs;
      String pattern = "resume " + node.id();
      return history.stream()
          .anyMatch(
              line -> line.endsWith(pattern) && Long.parseLong(line.split(" ", 2)[0]) >= sinceMs);
    }

    private void mend() {
      heal();
      cluster.nodes().forEach(this::resume);
      cluster.time().run(cluster.settings().stopMs() + 500);
      cluster.nodes().forEach(this::restart);
    }
  }
}
