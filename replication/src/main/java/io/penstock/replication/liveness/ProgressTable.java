package io.penstock.replication.liveness;

import io.penstock.replication.liveness.message.AppliedPositions;
import io.penstock.replication.liveness.message.Heartbeat;
import io.penstock.replication.value.Position;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How far brokers have got, by their heartbeats. Written on the loop, read on any thread.
 *
 * <p>A broker has caught up at a heartbeat that shows all that the leader had applied then; or, as
 * the leader goes on all the time, at its former heartbeat if it now shows what was applied then.
 */
final class ProgressTable {

  private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

  private record Entry(
      Heartbeat heartbeat,
      AppliedPositions leaderHad,
      long atMs,
      long leadershipCaughtUpMs,
      long metadataCaughtUpMs) {}

  void heard(Heartbeat heartbeat, AppliedPositions leaderHas, long nowMs) {
    Entry former = entries.get(heartbeat.brokerId());
    entries.put(
        heartbeat.brokerId(),
        new Entry(
            heartbeat,
            leaderHas,
            nowMs,
            caughtUpMs(
                heartbeat.applied().leadership(),
                leaderHas.leadership(),
                former == null ? null : former.leaderHad.leadership(),
                former == null ? -1 : former.atMs,
                former == null ? -1 : former.leadershipCaughtUpMs,
                nowMs),
            caughtUpMs(
                heartbeat.applied().metadata(),
                leaderHas.metadata(),
                former == null ? null : former.leaderHad.metadata(),
                former == null ? -1 : former.atMs,
                former == null ? -1 : former.metadataCaughtUpMs,
                nowMs)));
  }

  void forgetAll() {
    entries.clear();
  }

  Map<Integer, BrokerProgress> at(long nowMs) {
    Map<Integer, BrokerProgress> progress = new TreeMap<>();
    entries.forEach((id, entry) ->
        progress.put(
            id,
            new BrokerProgress(
                entry.heartbeat.brokerEpoch(),
                entry.heartbeat.directoryId(),
                entry.heartbeat.applied(),
                nowMs - entry.atMs,
                ago(entry.leadershipCaughtUpMs, nowMs),
                ago(entry.metadataCaughtUpMs, nowMs))));
    return progress;
  }

  private static long ago(long atMs, long nowMs) {
    return atMs < 0 ? -1 : nowMs - atMs;
  }

  private static long caughtUpMs(
      Position has,
      Position leaderHas,
      @Nullable Position leaderHad,
      long formerMs,
      long formerCaughtUpMs,
      long nowMs) {
    if (has.compareTo(leaderHas) >= 0) {
      return nowMs;
    }
    return leaderHad != null && has.compareTo(leaderHad) >= 0 ? formerMs : formerCaughtUpMs;
  }
}
