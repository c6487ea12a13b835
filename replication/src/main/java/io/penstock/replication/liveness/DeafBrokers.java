package io.penstock.replication.liveness;

import java.util.HashMap;
import java.util.Map;

/**
 * Which brokers send heartbeats but hear no answers, as one leader of {@code leadership} knows it.
 * With each heartbeat a broker says how long ago it sent the one whose answer it heard last. It is
 * deaf when it was answered for a whole session and has heard nothing of that. Only answers that
 * were given count: where this leader or the broker stood still there were none, and neither makes
 * a broker deaf. Has no clock; used by one thread.
 */
final class DeafBrokers {

  /** One may have got lost with a pause of the broker. */
  private static final int ANSWERS_MIN = 2;

  private final long sessionMs;
  private final Map<Integer, Unheard> unheard = new HashMap<>();

  /** Answers to one registration that it may not have heard, and when the first of them left. */
  private record Unheard(long brokerEpoch, long sinceMs, int answers) {}

  DeafBrokers(long sessionMs) {
    this.sessionMs = sessionMs;
  }

  /**
   * Takes note of a heartbeat that is answered now.
   *
   * @param answeredAgoMs as {@link
   *     io.penstock.replication.liveness.message.Heartbeat#answeredAgoMs} says
   * @return whether it comes from one who is deaf
   */
  boolean answered(int brokerId, long brokerEpoch, long answeredAgoMs, long nowMs) {
    Unheard known = unheard.get(brokerId);
    if (known == null
        || known.brokerEpoch != brokerEpoch
        || nowMs - answeredAgoMs >= known.sinceMs) {
      unheard.put(brokerId, new Unheard(brokerEpoch, nowMs, 1));
      return false;
    }
    unheard.put(brokerId, new Unheard(brokerEpoch, known.sinceMs, known.answers + 1));
    return known.answers >= ANSWERS_MIN && nowMs - known.sinceMs > sessionMs;
  }
}
