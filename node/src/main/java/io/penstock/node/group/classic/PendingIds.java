package io.penstock.node.group.classic;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ids that were given to members who have yet to join with them, and until when each is good. There
 * is room for so many: one more pushes the oldest out, whose owner is given another when it comes.
 */
final class PendingIds {

  private final Map<String, Long> deadlines = new LinkedHashMap<>();

  void add(String id, long deadlineMs, int max) {
    if (deadlines.size() >= max) {
      Iterator<String> oldest = deadlines.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    deadlines.put(id, deadlineMs);
  }

  boolean remove(String id) {
    return deadlines.remove(id) != null;
  }

  boolean isEmpty() {
    return deadlines.isEmpty();
  }

  int size() {
    return deadlines.size();
  }

  /** Has each be good for so much longer. */
  void postpone(long byMs) {
    deadlines.replaceAll((_, deadlineMs) -> deadlineMs + byMs);
  }

  /** Forgets what is no longer good, and says whether there was any. */
  boolean expire(long nowMs) {
    return deadlines.values().removeIf(deadline -> deadline <= nowMs);
  }

  long nextDeadlineMs() {
    long next = Long.MAX_VALUE;
    for (long each : deadlines.values()) {
      next = Math.min(next, each);
    }
    return next;
  }
}
