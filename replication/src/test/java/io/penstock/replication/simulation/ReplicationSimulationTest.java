package io.penstock.replication.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * Whole replicas under faults, as a seed has it; see {@link Checker} and {@link EndCheck} for what
 * must hold. {@code -Dreplication.schedules=N} runs so many schedules, {@code -Dreplication.first}
 * says from which seed on, and {@code -Dreplication.seed=N} runs that one again and writes down all
 * that happened in it.
 */
class ReplicationSimulationTest {

  private static final int SCHEDULES = Integer.getInteger("replication.schedules", 200);
  private static final long FIRST = Long.getLong("replication.first", 1);
  private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.penstock");

  private final AnswerBytes buffers = new AnswerBytes();

  @BeforeAll
  static void quiet() {
    LOG.setLevel(Long.getLong("replication.seed") == null ? Level.OFF : Level.INFO);
  }

  @AfterAll
  static void loud() {
    LOG.setLevel(null);
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void keepsWhatWasPromisedThroughEveryFault() throws IOException {
    Long only = Long.getLong("replication.seed");
    if (only != null) {
      runReadably(only);
      return;
    }
    long beganNs = System.nanoTime();
    long steps = 0;
    long acked = 0;
    int excused = 0;
    for (long seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
      Simulation simulation = run(seed, false);
      steps += simulation.steps();
      acked += simulation.checker().ackedBatches();
      excused += simulation.budget().hasExcused() ? 1 : 0;
    }
    System.out.printf(
        "replication simulation: %d schedules from seed %d in %d ms, %d steps, %d acks, %d"
            + " excused%n",
        SCHEDULES,
        FIRST,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs),
        steps,
        acked,
        excused);
    assertTrue(excused * 20 <= SCHEDULES, excused + " schedules promise nothing");
  }

  @Test
  void doesTheSameUnderTheSameSeed() {
    for (long seed = 1; seed <= 5; seed++) {
      assertEquals(
          run(seed, false).trace().hash(), run(seed, false).trace().hash(), "seed " + seed);
    }
  }

  private Simulation run(long seed, boolean readable) {
    Simulation simulation = new Simulation(seed, readable, buffers);
    try {
      simulation.run();
      return simulation;
    } catch (RuntimeException | AssertionError failure) {
      String text =
          "seed "
              + seed
              + " (again: -Dreplication.seed="
              + seed
              + ") at "
              + simulation.time().nowUs()
              + " us: "
              + failure.getMessage();
      if (readable) {
        write(seed, simulation);
      }
      throw new AssertionError(text, failure);
    }
  }

  private void runReadably(long seed) {
    Simulation simulation = run(seed, true);
    write(seed, simulation);
    System.out.println("trace hash " + Long.toHexString(simulation.trace().hash()));
  }

  private static void write(long seed, Simulation simulation) {
    try {
      Path file = Path.of("target", "simulation-" + seed + ".txt");
      Files.createDirectories(file.getParent());
      Files.writeString(file, simulation.trace().text());
      System.out.println("what happened is in " + file.toAbsolutePath());
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
