package io.penstock.replication.observer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the observers of a group are, as this node has heard of them by polls and heartbeats.
 * Bounded: who was not heard of for a while is forgotten, and with too many the one that was silent
 * longest. Any thread may call.
 */
public final class ObserverPositions {

  private static final int KEPT_MAX = 4096;
  private static final long SILENT_MAX_MS = 5 * 60_000;

  private final Map<Integer, Seen> byNode = new LinkedHashMap<>();

  /**
   * One observer.
   *
   * @param member its directory and address, as it says
   * @param lastContactMs in milliseconds since 1970
   * @param lastCaughtUpMs when it last had all that was applied here, or -1
   */
  public record Seen(Member member, long lastIndex, long lastContactMs, long lastCaughtUpMs) {}

  /** An observer said where it is. */
  public synchronized void heard(Member from, Position have, boolean caughtUp, long nowMs) {
    Seen before = byNode.remove(from.nodeId());
    long caughtUpMs = caughtUp ? nowMs : before == null ? -1 : before.lastCaughtUpMs();
    byNode.put(from.nodeId(), new Seen(from, have.index(), nowMs, caughtUpMs));
    if (byNode.size() > KEPT_MAX) {
      byNode.remove(byNode.keySet().iterator().next());
    }
  }

  /** Those that were heard of lately. */
  public synchronized List<Seen> list(long nowMs) {
    byNode.values().removeIf(seen -> nowMs - seen.lastContactMs() > SILENT_MAX_MS);
    return new ArrayList<>(byNode.values());
  }
}
