package io.penstock.replication.isr;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import java.util.HashMap;
import java.util.Map;

/**
 * Brokers that have begun to serve just now, as this node saw it. Each batch waits for the slowest
 * replica in sync, and a process that has just been started is slow: its classes are loaded and its
 * code is compiled while clients come back to it. So it copies for a while before producers wait
 * for it. Used on the keeper's loop.
 */
final class Newcomers {

  private final long settleMs;
  private final Map<Integer, Service> byBroker = new HashMap<>();
  private boolean isWatching;

  /** One registration, since when it serves. */
  private record Service(long epoch, long sinceMs) {}

  /**
   * @param settleMs for so long a broker is new
   */
  Newcomers(long settleMs) {
    this.settleMs = settleMs;
  }

  /**
   * Takes note of who serves now and did not before under this registration. The first image tells
   * nothing of that.
   */
  void brokersChanged(LeadershipImage before, LeadershipImage after, long nowMs) {
    long sinceMs = isWatching ? nowMs : nowMs - settleMs;
    isWatching = true;
    after.forEachChangedBroker(
        before,
        (id, _, broker) -> {
          if (broker == null) {
            byBroker.remove(id);
          } else if (broker.canLead() && !serves(broker)) {
            byBroker.put(id, new Service(broker.epoch(), sinceMs));
          }
        });
  }

  private boolean serves(BrokerImage broker) {
    Service known = byBroker.get(broker.id());
    return known != null && known.epoch == broker.epoch();
  }

  /**
   * Whether it was seen to begin under this registration, and that was a moment ago. It begins now
   * where nothing was seen of it: who asks has an image that this has not been told of yet.
   */
  boolean isNew(int id, long epoch, long nowMs) {
    Service known = byBroker.get(id);
    if (isWatching && (known == null || known.epoch != epoch)) {
      known = new Service(epoch, nowMs);
      byBroker.put(id, known);
    }
    return known != null && known.epoch == epoch && nowMs - known.sinceMs < settleMs;
  }
}
