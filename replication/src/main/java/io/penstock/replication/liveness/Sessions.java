package io.penstock.replication.liveness;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which brokers were heard of lately, as one leader of {@code leadership} knows it. Has no clock;
 * used by one thread. A session belongs to a registration: another epoch is another session.
 *
 * <p>A leader that stood still itself has not listened meanwhile, so the time of its pause counts
 * for no session: it is seen by the gap between two {@link #tick}s.
 */
final class Sessions {

  /** A gap of more than one part of a session in so many is a pause. */
  private static final int PAUSE_PARTS = 4;

  private final long sessionMs;
  private final Map<Integer, Session> sessions = new HashMap<>();
  private long lastTickMs;

  /** A registration, and when it was heard of last. */
  record Session(int brokerId, long brokerEpoch, long lastContactMs) {}

  Sessions(long sessionMs, long nowMs) {
    this.sessionMs = sessionMs;
    this.lastTickMs = nowMs;
  }

  /** The broker lived then; a session under an older epoch ends, a newer one stays. */
  void heard(int brokerId, long brokerEpoch, long atMs) {
    Session session = sessions.get(brokerId);
    if (session == null
        || session.brokerEpoch < brokerEpoch
        || (session.brokerEpoch == brokerEpoch && session.lastContactMs < atMs)) {
      sessions.put(brokerId, new Session(brokerId, brokerEpoch, atMs));
    }
  }

  /** Begins a session unless there is one of this epoch, or a later one. */
  void expect(int brokerId, long brokerEpoch, long nowMs) {
    Session session = sessions.get(brokerId);
    if (session == null || session.brokerEpoch < brokerEpoch) {
      sessions.put(brokerId, new Session(brokerId, brokerEpoch, nowMs));
    }
  }

  /** The registration is known to be gone. */
  void end(int brokerId, long brokerEpoch) {
    Session session = sessions.get(brokerId);
    if (session != null && session.brokerEpoch == brokerEpoch) {
      sessions.remove(brokerId);
    }
  }

  /** Whether the registration was heard of within so many milliseconds. */
  boolean heardWithin(int brokerId, long brokerEpoch, long withinMs, long nowMs) {
    Session session = sessions.get(brokerId);
    return session != null
        && session.brokerEpoch == brokerEpoch
        && nowMs - session.lastContactMs <= withinMs;
  }

  /** Whether the registration has a session that has not run out. */
  boolean isAlive(int brokerId, long brokerEpoch, long nowMs) {
    return heardWithin(brokerId, brokerEpoch, sessionMs, nowMs);
  }

  /** To be called at short intervals; returns by how much all sessions were extended, mostly 0. */
  long tick(long nowMs) {
    long gapMs = nowMs - lastTickMs;
    lastTickMs = nowMs;
    if (gapMs <= sessionMs / PAUSE_PARTS) {
      return 0;
    }
    sessions.replaceAll((_, session) ->
        new Session(
            session.brokerId, session.brokerEpoch, Math.min(nowMs, session.lastContactMs + gapMs)));
    return gapMs;
  }

  /** The sessions that have run out, by broker id. */
  List<Session> expired(long nowMs) {
    List<Session> expired = new ArrayList<>();
    for (Session session : sessions.values()) {
      if (nowMs - session.lastContactMs > sessionMs) {
        expired.add(session);
      }
    }
    expired.sort(Comparator.comparingInt(Session::brokerId));
    return expired;
  }
}
