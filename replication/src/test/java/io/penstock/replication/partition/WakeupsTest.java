package io.penstock.replication.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Waiters are answered here at once, elsewhere in one task. */
final class WakeupsTest {

  private final Wakeups wakeups = new Wakeups();
  private final List<String> runs = new ArrayList<>();

  @Test
  void waitersOfThisLoopAreAnsweredInline() {
    TestLoop here = TestLoop.here();
    wakeups.add(here, () -> runs.add("a"));
    wakeups.add(here, () -> runs.add("b"));

    wakeups.run();

    assertEquals(List.of("a", "b"), runs);
    assertEquals(0, here.handovers());
    assertTrue(wakeups.isEmpty());
  }

  @Test
  void anotherLoopIsWokenOnceForAllOfItsWaiters() {
    TestLoop other = TestLoop.elsewhere();
    wakeups.add(other, () -> runs.add("a"));
    wakeups.add(other, () -> runs.add("b"));

    wakeups.run();
    assertEquals(List.of(), runs);
    other.runTasks();

    assertEquals(List.of("a", "b"), runs);
    assertEquals(1, other.handovers());
  }

  @Test
  void waiterAddedByAWaiterIsAnsweredInTheSameRun() {
    TestLoop here = TestLoop.here();
    wakeups.add(here, () -> wakeups.add(here, () -> runs.add("later")));

    wakeups.run();

    assertEquals(List.of("later"), runs);
  }

  @Test
  void oneThatThrowsDoesNotKeepTheOthersFromBeingAnswered() {
    TestLoop here = TestLoop.here();
    RuntimeException bug = new IllegalStateException("bug");
    wakeups.add(
        here,
        () -> {
          throw bug;
        });
    wakeups.add(here, () -> runs.add("answered"));

    assertSame(bug, assertThrows(IllegalStateException.class, wakeups::run));

    assertEquals(List.of("answered"), runs);
  }
}
