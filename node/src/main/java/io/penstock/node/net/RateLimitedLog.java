package io.penstock.node.net;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs at most one warning in a period, however often a peer provokes it; the next one says how
 * many were left out. Any thread.
 */
final class RateLimitedLog {

  private static final long NEVER = Long.MIN_VALUE;

  private final Logger logger;
  private final long periodNs;
  private final LongSupplier nanoClock;
  private final AtomicLong lastNs = new AtomicLong(NEVER);
  private final AtomicLong leftOut = new AtomicLong();

  RateLimitedLog(Logger logger, long periodNs, LongSupplier nanoClock) {
    this.logger = logger;
    this.periodNs = periodNs;
    this.nanoClock = nanoClock;
  }

  /** The format gets the arguments and then the number of messages left out before this one. */
  void warn(String format, Object... arguments) {
    long now = nanoClock.getAsLong();
    long last = lastNs.get();
    boolean due = last == NEVER || now - last >= periodNs;
    if (!due || !lastNs.compareAndSet(last, now)) {
      leftOut.incrementAndGet();
      return;
    }
    Object[] all = new Object[arguments.length + 1];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = leftOut.getAndSet(0);
    logger.warn(format + " leftOut={}", all);
  }
}
