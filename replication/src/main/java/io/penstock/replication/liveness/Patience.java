package io.penstock.replication.liveness;

/**
 * Whether a leader may take those for gone whose sessions have run out. Not while its own majority
 * is silent, when it is the leader whom nobody hears and contact with it counts for nothing. Nor
 * just after that: brokers that live have yet to learn from one heartbeat that there is contact
 * again, and to tell of it with the next. But a leader that has waited does so again only after a
 * session, or one whose majority comes and goes would never judge. Has no clock; used by one
 * thread.
 */
final class Patience {

  private static final int SILENT_HEARTBEATS_MAX = 2;

  /** One to learn of contact, one to tell of it, and one that is late; within any session. */
  private static final int RENEWAL_HEARTBEATS = 3;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private final LivenessSettings settings;
  private boolean wasSilent;
  private long judgesFromMs = NEVER;

  Patience(LivenessSettings settings) {
    this.settings = settings;
  }

  /**
   * To be called at short intervals.
   *
   * @param overdueMs for how long answers of the majority are due
   */
  boolean isOver(long overdueMs, long nowMs) {
    if (overdueMs > SILENT_HEARTBEATS_MAX * settings.heartbeatMs()) {
      wasSilent = true;
      return false;
    }
    if (wasSilent && nowMs - judgesFromMs >= settings.sessionMs()) {
      judgesFromMs = nowMs + RENEWAL_HEARTBEATS * settings.heartbeatMs();
    }
    wasSilent = false;
    return nowMs >= judgesFromMs;
  }
}
