package io.penstock.node.peer;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs each refusal when it is new, and again once in a while as long as it lasts: nodes that do
 * not fit together try again several times a second. Any thread; remembers a bounded number.
 */
final class RefusalLog {

  private static final long PERIOD_NS = 60_000_000_000L;
  private static final int REMEMBERED_MAX = 1_000;

  private final Logger logger;
  private final LongSupplier nanoClock;
  private final Map<String, Long> lastNs = new LinkedHashMap<>();

  RefusalLog(Logger logger, LongSupplier nanoClock) {
    this.logger = logger;
    this.nanoClock = nanoClock;
  }

  /** The reason names both nodes, so it is what tells one refusal from another. */
  void warn(String what, Object peer, String reason) {
    if (isDue(what + peer + reason)) {
      logger.warn("{}: peer={} reason={}", what, peer, reason);
    }
  }

  private synchronized boolean isDue(String key) {
    long now = nanoClock.getAsLong();
    Long last = lastNs.get(key);
    if (last != null && now - last < PERIOD_NS) {
      return false;
    }
    lastNs.remove(key);
    lastNs.put(key, now);
    if (lastNs.size() > REMEMBERED_MAX) {
      Iterator<String> oldest = lastNs.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return true;
  }
}
