package io.penstock.replication.liveness;

import io.penstock.replication.liveness.message.Heartbeat;
import org.jspecify.annotations.Nullable;

/**
 * When a broker was in contact with the majority last, and what follows where that is a session
 * ago: its owner is told at once, and again and again while it lasts. May be read on any thread;
 * used on the loop otherwise.
 */
final class QuorumContact {

  private static final long NEVER = Long.MIN_VALUE;

  private final LivenessSettings settings;
  private final LivenessLoop loop;
  private final Runnable whileLost;
  private volatile long lastMs = NEVER;
  private LivenessLoop.@Nullable Timer timer;

  QuorumContact(LivenessSettings settings, LivenessLoop loop, Runnable whileLost) {
    this.settings = settings;
    this.loop = loop;
    this.whileLost = whileLost;
  }

  /** There was contact then. Returns for how long there was none before, 0 where never. */
  long heard(long atMs) {
    long before = lastMs;
    if (atMs <= before) {
      return 0;
    }
    lastMs = atMs;
    look();
    return before == NEVER ? 0 : atMs - before;
  }

  /** By the clock of the loop; long ago where there never was any. */
  long lastMs() {
    return lastMs;
  }

  /** As heartbeats tell it. */
  int agoMs() {
    long last = lastMs;
    return last == NEVER
        ? Heartbeat.AGO_MS_MAX
        : Math.clamp(loop.nowMs() - last, 0, Heartbeat.AGO_MS_MAX);
  }

  boolean isLost() {
    long last = lastMs;
    return last == NEVER || loop.nowMs() - last > settings.sessionMs();
  }

  private void look() {
    end();
    if (isLost()) {
      whileLost.run();
      timer = loop.after(settings.heartbeatMs(), this::look);
    } else {
      long lostInMs = lastMs + settings.sessionMs() + 1 - loop.nowMs();
      timer = loop.after(Math.max(1, lostInMs), this::look);
    }
  }

  void end() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
