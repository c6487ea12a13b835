package io.penstock.storage.compact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How cleaning is slowed down, and stopped. */
@Timeout(30)
class ThrottleTest {
  private final AtomicLong nowNs = new AtomicLong(5);

  @Test
  void whoTookMoreThanTheRateHasToWaitForIt() {
    Throttle throttle = new Throttle(1_000, nowNs::get);

    assertEquals(2_000_000_000L, throttle.debtNs(2_000));
    assertEquals(3_000_000_000L, throttle.debtNs(1_000));
    nowNs.addAndGet(4_000_000_000L);
    assertEquals(0, throttle.debtNs(100), "a tenth of a second is made up for, no more");
    assertEquals(1_000_000, throttle.debtNs(1));
  }

  @Test
  void aStopEndsTheLongestWait() {
    Throttle throttle = new Throttle(1, nowNs::get);
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(() -> {
          try {
            throttle.took(1 << 30);
          } catch (CleaningAbortedException stopped) {
            throw new IllegalStateException(stopped);
          }
        });

    throttle.stop();

    ExecutionException failed = assertThrows(ExecutionException.class, waiting::get);
    Throwable stopped = Objects.requireNonNull(failed.getCause()).getCause();
    assertInstanceOf(CleaningAbortedException.class, stopped);
  }
}
