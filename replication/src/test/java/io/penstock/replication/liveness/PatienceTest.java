package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a leader judges, tick by tick, around a silence of its majority. */
class PatienceTest {

  private static final long HEARTBEAT_MS = 100;
  private static final long SESSION_MS = 1_000;
  private static final long SILENT_MS = 2 * HEARTBEAT_MS + 1;
  private static final long RENEWAL_MS = 3 * HEARTBEAT_MS;

  private final Patience patience = new Patience(LivenessSettings.of(HEARTBEAT_MS, SESSION_MS));

  @Test
  void leaderThatIsAnsweredJudges() {
    assertTrue(patience.isOver(0, 5_000));
    assertTrue(patience.isOver(SILENT_MS - 1, 5_010));
  }

  @Test
  void leaderWhoseMajorityIsSilentDoesNotJudge() {
    assertFalse(patience.isOver(SILENT_MS, 5_000));
    assertFalse(patience.isOver(SILENT_MS + 60_000, 65_000));
  }

  @Test
  void leaderThatIsAnsweredAgainWaitsUntilBrokersCouldTellOfTheirContact() {
    assertFalse(patience.isOver(SILENT_MS, 5_000));

    assertFalse(patience.isOver(0, 5_010));
    assertFalse(patience.isOver(0, 5_009 + RENEWAL_MS));
    assertTrue(patience.isOver(0, 5_010 + RENEWAL_MS));
  }

  @Test
  void leaderWhoseMajorityComesAndGoesWaitsAgainAfterASession() {
    assertFalse(patience.isOver(SILENT_MS, 5_000));
    assertFalse(patience.isOver(0, 5_010));
    assertFalse(patience.isOver(SILENT_MS, 5_020));
    assertFalse(patience.isOver(0, 5_009 + RENEWAL_MS));
    assertFalse(patience.isOver(SILENT_MS, 5_010 + RENEWAL_MS));

    assertTrue(patience.isOver(0, 5_020 + RENEWAL_MS));
    assertFalse(patience.isOver(SILENT_MS, 5_030 + RENEWAL_MS));
    assertTrue(patience.isOver(0, 5_009 + RENEWAL_MS + SESSION_MS));
    assertFalse(patience.isOver(SILENT_MS, 5_009 + RENEWAL_MS + SESSION_MS));
    assertFalse(patience.isOver(0, 5_010 + RENEWAL_MS + SESSION_MS));
  }
}
