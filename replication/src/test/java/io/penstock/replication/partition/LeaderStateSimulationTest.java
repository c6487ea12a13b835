package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * Random schedules of {@link LeadershipWorld}. A failure names its seed; {@code -Disr.seed=N} runs
 * that one.
 */
final class LeaderStateSimulationTest {

  private static final int SCHEDULES = 400;
  private static final int STEPS = 800;

  @Test
  void nothingCommittedIsEverMissingWhereTheClusterCountsOnIt() {
    Long seed = Long.getLong("isr.seed");
    if (seed != null) {
      run(seed);
      return;
    }
    long committed = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      committed += run(i);
    }
    assertTrue(committed > 10L * SCHEDULES, "hardly anything was committed: " + committed);
  }

  private static int run(long seed) {
    LeadershipWorld world = new LeadershipWorld(seed);
    try {
      for (int i = 0; i < STEPS; i++) {
        world.step();
      }
      world.heal();
      return world.committedRecords();
    } catch (AssertionError | RuntimeException failure) {
      String trace = String.join("\n", world.trace());
      throw new AssertionError("seed " + seed + ": " + failure + "\n" + trace, failure);
    }
  }
}
