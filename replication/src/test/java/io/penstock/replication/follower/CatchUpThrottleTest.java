package io.penstock.replication.follower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The bucket of those who catch up. */
final class CatchUpThrottleTest {

  @Test
  void knowsNoLimitWhereNoneIsSet() {
    CatchUpThrottle throttle = new CatchUpThrottle(Long.MAX_VALUE);

    throttle.took(Long.MAX_VALUE / 2);

    assertEquals(0, throttle.waitMs(5));
    assertEquals(1 << 20, throttle.allowance(1 << 20));
  }

  @Test
  void whatWasTakenBeyondTheRateIsPaidBack() {
    CatchUpThrottle throttle = new CatchUpThrottle(1_000_000);
    assertEquals(0, throttle.waitMs(0));

    throttle.took(3_000_000);

    long waitMs = throttle.waitMs(0);
    assertTrue(waitMs >= 2_000 && waitMs <= 2_002, waitMs + " ms");
    assertEquals(0, throttle.waitMs(2_001));
  }

  @Test
  void staysBelowItsRateHoweverItIsAsked() {
    CatchUpThrottle throttle = new CatchUpThrottle(1_000_000);
    long taken = 0;
    for (long now = 0; now <= 10_000; now += 7) {
      if (throttle.waitMs(now) == 0) {
        int bytes = throttle.allowance(10 << 20);
        throttle.took(bytes);
        taken += bytes;
      }
    }

    assertTrue(taken >= 9_900_000 && taken <= 11_100_000, taken + " bytes");
  }
}
