package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of a whole cluster against the invariants, and against the promise that they are
 * there for: a record that was committed is not lost. A failure prints its seed and all that
 * happened; {@code -Dseed=N} runs one seed alone, {@code -Dsimulation.schedules=N} that many.
 */
class LeadershipSimulationTest {

  private static final int SCHEDULES = Integer.getInteger("simulation.schedules", 10_000);
  private static final int STEPS = 160;

  /** So many schedules come across every situation. */
  private static final int ENOUGH = 1_000;

  @Test
  void everyScheduleKeepsTheInvariantsAndTheCommittedRecords() {
    long only = Long.getLong("seed", -1);
    long first = only < 0 ? 0 : only;
    long end = only < 0 ? SCHEDULES : only + 1;
    Map<Situation, Integer> schedules = new EnumMap<>(Situation.class);
    for (long seed = first; seed < end; seed++) {
      try {
        SimulatedCluster cluster = new SimulatedCluster(seed, null);
        run(cluster);
        cluster.situations().forEach(situation -> schedules.merge(situation, 1, Integer::sum));
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed + ": " + failure + history(seed), failure);
      }
    }
    if (end - first >= ENOUGH) {
      assertEquals(EnumSet.allOf(Situation.class), schedules.keySet(), schedules.toString());
    }
  }

  private static void run(SimulatedCluster cluster) {
    for (int step = 0; step < STEPS; step++) {
      cluster.step();
    }
    cluster.settle();
  }

  private static String history(long seed) {
    List<String> history = new ArrayList<>();
    try {
      run(new SimulatedCluster(seed, history));
    } catch (RuntimeException | AssertionError again) {
      return "\n" + String.join("\n", history);
    }
    return ", and not again";
  }
}
