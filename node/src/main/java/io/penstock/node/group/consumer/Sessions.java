package io.penstock.node.group.consumer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Until when each member counts as alive, and until when it has to have given back what it was
 * asked for. None of it is in the log: who takes a group over gives its members a whole session.
 */
final class Sessions {

  static final long NEVER = Long.MAX_VALUE;

  private record Deadlines(long sessionMs, long rebalanceMs) {
    long firstMs() {
      return Math.min(sessionMs, rebalanceMs);
    }
  }

  private final Map<String, Deadlines> deadlines = new HashMap<>();

  /**
   * No deadline is before this time; looked at anew when it comes, so that heartbeats are cheap.
   */
  private long checkMs = NEVER;

  void extend(String memberId, long untilMs) {
    Deadlines before = deadlines.get(memberId);
    put(memberId, new Deadlines(untilMs, before == null ? NEVER : before.rebalanceMs));
  }

  /** The member has until then to give something back. */
  void owesUntil(String memberId, long untilMs) {
    Deadlines before = deadlines.get(memberId);
    put(memberId, new Deadlines(before == null ? NEVER : before.sessionMs, untilMs));
  }

  void owesNothing(String memberId) {
    Deadlines before = deadlines.get(memberId);
    if (before != null && before.rebalanceMs != NEVER) {
      deadlines.put(memberId, new Deadlines(before.sessionMs, NEVER));
    }
  }

  private void put(String memberId, Deadlines each) {
    deadlines.put(memberId, each);
    checkMs = Math.min(checkMs, each.firstMs());
  }

  /** Has all deadlines be later by so much. */
  void postpone(long byMs) {
    deadlines.replaceAll(
        (_, each) -> new Deadlines(later(each.sessionMs, byMs), later(each.rebalanceMs, byMs)));
    checkMs = later(checkMs, byMs);
  }

  private static long later(long deadlineMs, long byMs) {
    return deadlineMs == NEVER ? NEVER : deadlineMs + byMs;
  }

  void end(String memberId) {
    deadlines.remove(memberId);
  }

  boolean hasSession(String memberId) {
    Deadlines of = deadlines.get(memberId);
    return of != null && of.sessionMs != NEVER;
  }

  boolean owes(String memberId) {
    Deadlines of = deadlines.get(memberId);
    return of != null && of.rebalanceMs != NEVER;
  }

  long nextMs() {
    return checkMs;
  }

  /**
   * Those whose time is over.
   *
   * @param owes whether a member has something to give back
   */
  List<String> takeOver(long nowMs, Predicate<String> owes) {
    if (checkMs > nowMs) {
      return List.of();
    }
    List<String> over = new ArrayList<>();
    checkMs = NEVER;
    for (Map.Entry<String, Deadlines> each : deadlines.entrySet()) {
      Deadlines now = each.getValue();
      boolean isLate = now.rebalanceMs <= nowMs;
      if (now.sessionMs <= nowMs || (isLate && owes.test(each.getKey()))) {
        over.add(each.getKey());
        continue;
      }
      if (isLate) {
        each.setValue(new Deadlines(now.sessionMs, NEVER));
      }
      checkMs = Math.min(checkMs, each.getValue().firstMs());
    }
    over.forEach(deadlines::remove);
    return over;
  }
}
