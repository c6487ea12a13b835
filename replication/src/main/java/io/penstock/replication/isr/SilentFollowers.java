package io.penstock.replication.isr;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds the members of ISRs that have asked this node for nothing for long although they are
 * behind. A follower asks for all its partitions several times a second, so that one that is heard
 * of in any of them is not silent. What silence means is not decided here: a process that stands
 * still is silent too. Used on the keeper's loop.
 */
final class SilentFollowers {

  private final long silenceMs;
  private final LedPartitions led;

  /** Since when they are waited for who are behind and have not been heard of at all. */
  private final Map<Integer, Long> awaitedSince = new HashMap<>();

  SilentFollowers(long silenceMs, LedPartitions led) {
    this.silenceMs = silenceMs;
    this.led = led;
  }

  /** Those who are silent now, each with the time up to which it may have been heard of. */
  Map<Integer, Long> find(long nowMs) {
    Set<Integer> behind = new TreeSet<>();
    led.forEach(partition -> partition.addBehind(behind));
    awaitedSince.keySet().retainAll(behind);
    Map<Integer, Long> silent = new TreeMap<>();
    for (int node : behind) {
      long awaitedMs = awaitedSince.computeIfAbsent(node, _ -> nowMs);
      long heardMs = led.lastHeardMs(node);
      if (heardMs == LedPartition.NEVER_HEARD) {
        heardMs = awaitedMs;
      }
      if (nowMs - heardMs > silenceMs) {
        silent.put(node, heardMs);
      }
    }
    return silent;
  }
}
