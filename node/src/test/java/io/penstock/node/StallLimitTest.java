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
  private static final Stall BY_DEFAULT = new Stall(TIMEOUT, false);

  @Test
  void aProcessThatSystemdStartedMayNotStandStillByDefault() throws NodeStartException {
    StallLimit service = new StallLimit(77, Map.of("SYSTEMD_EXEC_PID", "77"));

    assertEquals(TIMEOUT, service.of(BY_DEFAULT));
    assertNull(service.of(null), "where it is off");
  }

  @Test
  void aProcessThatNobodyStartsAgainMayUnlessSomebodyWantsIt() throws NodeStartException {
    StallLimit byHand = new StallLimit(77, Map.of());
    StallLimit belowOne = new StallLimit(78, Map.of("SYSTEMD_EXEC_PID", "77"));

    assertNull(byHand.of(BY_DEFAULT));
    assertNull(belowOne.of(BY_DEFAULT));
    assertEquals(TIMEOUT, byHand.of(ALWAYS));
  }

  @Test
  void theFirstProcessOfContainerSaysThatItCannotBeEnded() throws NodeStartException {
    StallLimit first = new StallLimit(1, Map.of());

    String refusal = assertThrows(NodeStartException.class, () -> first.of(ALWAYS)).toString();

    assertTrue(refusal.contains("docker run --init"), refusal);
    assertNull(first.of(BY_DEFAULT));
  }
}
