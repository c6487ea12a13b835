package io.penstock.replication.liveness;

/**
 * Where a broker process is in its life:
 *
 * <pre>
 *      ┌────── its registration is gone ─────┐
 *      ▼                      │              │
 * REGISTERING ──taken in──► FENCED ◄──────► ACTIVE
 *      │                      │   (un)fenced │
 *      │                     stop           stop
 *      │                      ▼              │
 *      │                   DRAINING ◄────────┘
 *      │                      │ has left, or time is up
 *      └────stop, refused───► STOPPED
 * </pre>
 */
public enum BrokerState {
  /** It has no broker epoch, or lost it, and asks for one. */
  REGISTERING,
  /** It is registered and leads nothing. */
  FENCED,
  /** It may lead and be in sync. */
  ACTIVE,
  /** It gives away what it leads, then fences itself. */
  DRAINING,
  /** It has left, or was never taken in. */
  STOPPED
}
