package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.liveness.Sessions.Session;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions end by silence alone, and a pause of the leader is nobody else's silence. */
class SessionsTest {

  private static final long SESSION_MS = 4_000;

  private final Sessions sessions = new Sessions(SESSION_MS, 0);

  private List<Integer> expired(long nowMs) {
    return sessions.expired(nowMs).stream().map(Session::brokerId).toList();
  }

  private void tickUntil(long untilMs) {
    for (long nowMs = 0; nowMs <= untilMs; nowMs += 100) {
      sessions.tick(nowMs);
    }
  }

  @Test
  void aSessionRunsOutAfterTheLastContact() {
    sessions.expect(1, 10, 0);
    sessions.heard(1, 10, 500);

    assertEquals(List.of(), expired(4_500));
    assertEquals(List.of(1), expired(4_501));
    assertTrue(sessions.isAlive(1, 10, 4_500));
    assertFalse(sessions.isAlive(1, 10, 4_501));
  }

  @Test
  void whatWasHeardEarlierDoesNotTakeFromASession() {
    sessions.heard(1, 10, 3_000);
    sessions.heard(1, 10, 500);

    assertEquals(List.of(), expired(7_000));
  }

  @Test
  void expectingABrokerAgainDoesNotProlongItsSession() {
    sessions.expect(1, 10, 0);
    sessions.expect(1, 10, 3_000);

    assertEquals(List.of(1), expired(4_001));
  }

  @Test
  void aNewEpochIsANewSession() {
    sessions.expect(1, 10, 0);
    sessions.expect(1, 11, 3_000);

    assertEquals(List.of(), expired(5_000));
    assertFalse(sessions.isAlive(1, 10, 3_000));
  }

  @Test
  void anOldEpochDoesNotDisturbTheSessionOfANewOne() {
    sessions.expect(1, 11, 0);
    sessions.heard(1, 10, 3_000);
    sessions.end(1, 10);

    assertEquals(List.of(1), expired(4_001));
  }

  @Test
  void anEndedSessionDoesNotRunOut() {
    sessions.expect(1, 10, 0);
    sessions.end(1, 10);

    assertEquals(List.of(), expired(10_000));
  }

  @Test
  void thoseThatRanOutAreNamedInOrder() {
    for (int id : new int[] {40, 7, 99, 1}) {
      sessions.expect(id, 10, 0);
    }

    assertEquals(List.of(1, 7, 40, 99), expired(4_001));
  }

  @Test
  void aPauseOfTheLeaderCountsForNoSession() {
    sessions.expect(1, 10, 0);
    tickUntil(2_000);

    long extendedMs = sessions.tick(12_000);

    assertEquals(10_000, extendedMs);
    assertEquals(List.of(), expired(14_000));
    assertEquals(List.of(1), expired(14_001));
  }

  @Test
  void aPauseDoesNotMoveTheLastContactPastNow() {
    tickUntil(2_000);
    sessions.heard(1, 10, 11_999);

    sessions.tick(12_000);

    assertEquals(List.of(1), expired(16_001));
  }

  @Test
  void ticksThatAreALittleLateExtendNothing() {
    sessions.expect(1, 10, 0);

    assertEquals(0, sessions.tick(1_000));
    assertEquals(0, sessions.tick(2_000));
    assertEquals(List.of(1), expired(4_001));
  }
}
