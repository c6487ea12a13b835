package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.config.NodeConfig.Stall;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which processes may stand still, and which may not. */
class StallLimitTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Stall ALWAYS = new Stall(TIMEOUT, true);
  private static final StallLimit.Keeper<Duration> KEPT = timeout -> timeout;
  private static final Stall BY_DEFAULT = new Stall(TIMEOUT, false);

  @Test
  void aProcessThatSystemdStartedMayNotStandStillByDefault() throws NodeStartException {
    StallLimit service = new StallLimit(77, Map.of("SYSTEMD_EXEC_PID", "77"));

    assertEquals(TIMEOUT, service.keep(BY_DEFAULT, KEPT));
    assertNull(service.keep(null, KEPT), "where it is off");
  }

  @Test
  void aProcessThatNobodyStartsAgainMayUnlessSomebodyWantsIt() throws NodeStartException {
    StallLimit byHand = new StallLimit(77, Map.of());
    StallLimit belowOne = new StallLimit(78, Map.of("SYSTEMD_EXEC_PID", "77"));

    assertNull(byHand.keep(BY_DEFAULT, KEPT));
    assertNull(belowOne.keep(BY_DEFAULT, KEPT));
    assertEquals(TIMEOUT, byHand.keep(ALWAYS, KEPT));
  }

  @Test
  void theFirstProcessOfContainerSaysThatItCannotBeEnded() throws NodeStartException {
    StallLimit first = new StallLimit(1, Map.of());

    String refusal =
        assertThrows(NodeStartException.class, () -> first.keep(ALWAYS, KEPT)).toString();

    assertTrue(refusal.contains("docker run --init"), refusal);
    assertNull(first.keep(BY_DEFAULT, KEPT));
  }

  @Test
  void whatNobodyAskedForAndCannotBeKeptIsNoReasonNotToStart() throws NodeStartException {
    StallLimit service = new StallLimit(77, Map.of("SYSTEMD_EXEC_PID", "77"));
    StallLimit.Keeper<Duration> withoutTimers =
        _ -> {
          throw new ExceptionInInitializerError(new IllegalStateException("no timer_create"));
        };

    assertNull(service.keep(BY_DEFAULT, withoutTimers));
    String refusal =
        assertThrows(NodeStartException.class, () -> service.keep(ALWAYS, withoutTimers))
            .toString();
    assertTrue(refusal.contains("no timer_create"), refusal);
  }
}
