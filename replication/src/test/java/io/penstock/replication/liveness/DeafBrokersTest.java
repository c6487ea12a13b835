package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Who is answered for a session and hears nothing of it is deaf, and nobody else is. */
class DeafBrokersTest {

  private static final long SESSION_MS = 4_000;

  private final DeafBrokers deaf = new DeafBrokers(SESSION_MS);

  /** A heartbeat of a broker that heard the answer to what it sent at {@code heardMs} last. */
  private boolean isDeafAt(long nowMs, long heardMs) {
    return deaf.answered(5, 10, nowMs - heardMs, nowMs);
  }

  @Test
  void aBrokerIsDeafThatHearsNoAnswerOfAWholeSession() {
    // The first answer that it does not hear leaves at 500.
    for (long nowMs = 0; nowMs <= 500 + SESSION_MS; nowMs += 500) {
      assertFalse(isDeafAt(nowMs, 0), "at " + nowMs);
    }

    assertTrue(isDeafAt(501 + SESSION_MS, 0));
  }

  @Test
  void aBrokerThatHearsAnAnswerNowAndThenIsNotDeaf() {
    long heardMs = 0;
    for (long nowMs = 0; nowMs <= 60_000; nowMs += 500) {
      assertFalse(isDeafAt(nowMs, heardMs), "at " + nowMs);
      if (nowMs % 3_500 == 0) {
        heardMs = nowMs;
      }
    }
  }

  @Test
  void aBrokerThatHearsAgainIsDeafNoMore() {
    for (long nowMs = 0; nowMs <= 10_000; nowMs += 500) {
      var _ = isDeafAt(nowMs, 0);
    }
    assertTrue(isDeafAt(10_500, 0));

    assertFalse(isDeafAt(11_000, 10_500));
    assertFalse(isDeafAt(11_500, 10_500));
  }

  @Test
  void aBrokerThatStoodStillIsNotDeaf() {
    assertFalse(isDeafAt(0, -500));

    assertFalse(isDeafAt(60_000, -500), "it lost one answer with its pause");
    assertFalse(isDeafAt(60_500, 60_000));
  }

  @Test
  void whatALeaderThatStoodStillDidNotAnswerIsNotHeld() {
    assertFalse(isDeafAt(0, -500));
    for (long agoMs = 0; agoMs <= 30_000; agoMs += 1_000) {
      assertFalse(deaf.answered(5, 10, agoMs, 30_000), "sent before it went on");
    }

    assertFalse(isDeafAt(30_500, 0));
    assertFalse(isDeafAt(31_500, 0));
    assertFalse(isDeafAt(32_000, 31_500));
  }

  @Test
  void aNewRegistrationBeginsAnew() {
    for (long nowMs = 0; nowMs <= 10_000; nowMs += 500) {
      var _ = isDeafAt(nowMs, 0);
    }

    assertFalse(deaf.answered(5, 11, 10_500, 10_500));
    assertFalse(deaf.answered(5, 11, 11_000, 11_000));
  }
}
