package io.penstock.replication.liveness;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks at a simulated cluster every few milliseconds, as somebody who sees all of it, and holds
 * what was decided about each broker against what is the case.
 */
final class SimChecker {

  private static final long LOOK_MS = 10;
  private static final long EVIDENCE_MS = 500;
  private static final long SESSION_SLACK_MS = 500;

  /** It asks the leader in turn with others, which it does not hear either. */
  private static final int DEAF_SESSIONS = 2;

  /** A request to who does not answer, then one to who does, and a heartbeat's interval. */
  private static final long RECOVERY_MS = 3_500;

  /** So long after the leader changed or stood still nobody is fenced without a cause. */
  private static final long CALM_MS = 15_000;

  /** A former leader may answer for a moment longer. */
  private static final long CUT_OFF_SLACK_MS = 500;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private final SimCluster cluster;
  private final boolean hostsVanish;
  private final Map<Integer, Watched> brokers = new HashMap<>();
  private int readTo;
  private int leaderId = -1;
  private long electedMs;
  private long leaderOkSinceMs = NEVER;
  private long unrestSinceMs;

  /** What is the case with one process, and since when. */
  private static final class Watched {
    private final SimNode node;
    private long killedMs = NEVER;
    private long pausedMs = NEVER;
    private long goodMs = NEVER;
    private long goodBeforeEndMs = NEVER;
    private long apartMs = NEVER;
    private long orphanedMs = NEVER;
    private long deafMs = NEVER;
    private long fencedMs = NEVER;
    private boolean wasUnfenced;
    private long lastUnlinkedMs;

    private Watched(SimNode node) {
      this.node = node;
    }
  }

  /**
   * @param hostsVanish whether hosts are gone with their processes, and refuse nothing
   */
  SimChecker(SimCluster cluster, boolean hostsVanish) {
    this.cluster = cluster;
    this.hostsVanish = hostsVanish;
    cluster.time().every(LOOK_MS, this::look);
  }

  private static long since(long formerMs, boolean is, long nowMs) {
    if (!is) {
      return NEVER;
    }
    return formerMs == NEVER ? nowMs : formerMs;
  }

  private void look() {
    long nowMs = cluster.time().nowMs();
    int leader = cluster.group().leaderId();
    boolean leaderOk = leader >= 0 && cluster.group().hasMajority(leader);
    if (cluster.group().electedMs() != electedMs || !leaderOk) {
      electedMs = cluster.group().electedMs();
      leaderId = leader;
      leaderOkSinceMs = NEVER;
      unrestSinceMs = nowMs;
    }
    leaderOkSinceMs = since(leaderOkSinceMs, leaderOk, nowMs);
    readLog();
    for (SimNode node : cluster.nodes()) {
      Watched watched = brokers.get(node.id());
      if (watched == null || watched.node != node) {
        watched = new Watched(node);
        brokers.put(node.id(), watched);
      }
      look(node, watched, nowMs);
    }
  }

  private void look(SimNode node, Watched watched, long nowMs) {
    SimProcess process = node.process();
    boolean isLinked = leaderOkSinceMs != NEVER && (node.id() == leaderId || isReached(node.id()));
    BrokerState state = node.lifecycle().state();
    boolean isStopping = state == BrokerState.DRAINING || state == BrokerState.STOPPED;
    boolean wasGood = watched.goodMs != NEVER;
    long goodForMs = wasGood ? nowMs - watched.goodMs : 0;
    if (!isLinked || cluster.network().hasCuts()) {
      watched.lastUnlinkedMs = nowMs;
    }
    watched.goodMs = since(watched.goodMs, process.isRunning() && isLinked && !isStopping, nowMs);
    if (wasGood && watched.goodMs == NEVER) {
      watched.goodBeforeEndMs = goodForMs;
    }
    boolean isApart = leaderId < 0 || !isReached(node.id());
    watched.apartMs = since(watched.apartMs, process.isRunning() && isApart, nowMs);
    boolean isDeaf = isApart && cluster.network().passes(node.id(), leaderId);
    boolean isOrphaned = leaderOkSinceMs == NEVER;
    watched.orphanedMs = since(watched.orphanedMs, process.isRunning() && isOrphaned, nowMs);
    watched.deafMs = since(watched.deafMs, process.isRunning() && isDeaf, nowMs);
    watched.killedMs = since(watched.killedMs, process.isKilled(), nowMs);
    watched.pausedMs = since(watched.pausedMs, process.isPaused(), nowMs);
    boolean isFenced = cluster.isFenced(node.id());
    watched.fencedMs = since(watched.fencedMs, isFenced, nowMs);
    judge(node, watched, nowMs);
    watched.wasUnfenced = !isFenced;
  }

  private boolean isReached(int id) {
    return cluster.network().passes(leaderId, id);
  }

  private void judge(SimNode node, Watched watched, long nowMs) {
    long sessionMs = cluster.settings().sessionMs();
    boolean isFenced = watched.fencedMs != NEVER;
    if (!isFenced && leaderOkSinceMs != NEVER) {
      gone(node, watched, nowMs, sessionMs);
    }
    if (watched.goodMs != NEVER && nowMs - watched.goodMs > RECOVERY_MS) {
      if (isFenced && nowMs - watched.fencedMs > RECOVERY_MS) {
        violated(node, "lives and is fenced for " + (nowMs - watched.fencedMs) + " ms");
      }
      if (node.lifecycle().isCutOff()) {
        violated(node, "takes itself for cut off");
      }
      if (isFenced
          && watched.wasUnfenced
          && nowMs - watched.goodMs > CALM_MS
          && nowMs - watched.lastUnlinkedMs > CALM_MS
          && nowMs - unrestSinceMs > CALM_MS) {
        violated(node, "was fenced without a cause");
      }
    }
    long knownBeforeMs = nowMs - sessionMs - CUT_OFF_SLACK_MS;
    boolean isCutOff = node.lifecycle().isCutOff();
    if (watched.apartMs != NEVER && watched.apartMs < knownBeforeMs && !isCutOff) {
      violated(node, "does not know that it is cut off");
    }
    // A leader may have its majority between two looks, and be elected by it, to lose it at once:
    // voters made whole, an election and a cut within a few milliseconds. That was contact.
    long orphanedMs = Math.max(watched.orphanedMs, cluster.group().majorityMs());
    if (watched.orphanedMs != NEVER && orphanedMs < knownBeforeMs && !isCutOff) {
      violated(node, "does not know that no leader has a majority");
    }
  }

  /** A process keeps its epoch unless another one, or a command, took the registration from it. */
  private void readLog() {
    while (readTo < cluster.group().lastIndex()) {
      LeadershipImage before = cluster.group().imageAt(readTo);
      readTo++;
      for (BrokerImage broker : cluster.group().imageAt(readTo).brokers()) {
        BrokerImage former = before.broker(broker.id());
        if (former != null
            && former.incarnation().equals(broker.incarnation())
            && former.epoch() != broker.epoch()) {
          cluster.violated(former + " became " + broker);
        }
      }
    }
  }

  private void gone(SimNode node, Watched watched, long nowMs, long sessionMs) {
    long leaderMs = nowMs - leaderOkSinceMs;
    if (watched.pausedMs != NEVER) {
      long missedMs = Math.min(nowMs - watched.pausedMs, leaderMs);
      if (missedMs > sessionMs + SESSION_SLACK_MS) {
        violated(node, "stands still and is not fenced after " + missedMs + " ms");
      }
    }
    if (watched.deafMs != NEVER) {
      long missedMs = Math.min(nowMs - watched.deafMs, leaderMs);
      if (missedMs > DEAF_SESSIONS * sessionMs) {
        violated(node, "hears nothing and is not fenced after " + missedMs + " ms");
      }
    }
    if (watched.killedMs != NEVER) {
      long goneMs = Math.min(nowMs - watched.killedMs, leaderMs);
      // Its connections were lost, or the leader that came later has called upon it.
      boolean isEvident =
          watched.killedMs < electedMs
              ? watched.lastUnlinkedMs < electedMs
              : watched.lastUnlinkedMs < watched.killedMs - RECOVERY_MS
                  && watched.goodBeforeEndMs > RECOVERY_MS;
      if (goneMs > (isEvident && !hostsVanish ? EVIDENCE_MS : sessionMs + SESSION_SLACK_MS)) {
        violated(node, "is dead and not fenced after " + goneMs + " ms, evident=" + isEvident);
      }
    }
  }

  private void violated(SimNode node, String what) {
    cluster.violated("broker " + node.id() + " " + what);
  }
}
