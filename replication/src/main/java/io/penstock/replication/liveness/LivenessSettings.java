package io.penstock.replication.liveness;

/**
 * How quickly brokers are missed.
 *
 * @param heartbeatMs how often a broker says that it lives
 * @param sessionMs after which silence it is fenced where there is no evidence
 * @param probeMs how long a process that is suspected may take to answer
 * @param stopMs how long a broker that stops tries to leave in order
 */
public record LivenessSettings(long heartbeatMs, long sessionMs, long probeMs, long stopMs) {

  private static final long PROBE_MS = 250;
  private static final long STOP_MS = 5_000;
  private static final int HEARTBEATS_IN_SESSION_MIN = 3;
  private static final int TICKS_IN_SESSION = 40;
  private static final long TICK_MS_MAX = 100;

  public LivenessSettings {
    if (heartbeatMs <= 0 || probeMs <= 0 || stopMs <= 0) {
      throw new IllegalArgumentException("a time is not above 0");
    }
    if (sessionMs < HEARTBEATS_IN_SESSION_MIN * heartbeatMs) {
      throw new IllegalArgumentException(
          "a session of " + sessionMs + " ms is too short for heartbeats each " + heartbeatMs);
    }
  }

  public static LivenessSettings of(long heartbeatMs, long sessionMs) {
    return new LivenessSettings(heartbeatMs, sessionMs, PROBE_MS, STOP_MS);
  }

  public static LivenessSettings defaults() {
    return of(500, 4_000);
  }

  /** How often sessions are looked at: by so much later a broker may be fenced. */
  long tickMs() {
    return Math.max(1, Math.min(TICK_MS_MAX, sessionMs / TICKS_IN_SESSION));
  }
}
