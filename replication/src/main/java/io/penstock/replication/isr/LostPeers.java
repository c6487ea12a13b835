package io.penstock.replication.isr;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.liveness.LivenessLoop;
import io.penstock.replication.liveness.Prober;
import io.penstock.replication.liveness.message.Probe.Target;
import io.penstock.replication.liveness.message.ProbeOutcome;
import io.penstock.replication.peer.PeerCaller;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The brokers that are found to be gone, or not to be reached. A lost connection is the occasion to
 * look; the process answering by itself settles it. Who was found gone counts as gone until it is
 * heard of again. Used on the keeper's loop.
 */
final class LostPeers {

  private static final Logger LOG = LoggerFactory.getLogger(LostPeers.class);

  /** Between two probes of the same broker. */
  private static final long PROBE_INTERVAL_MS = 50;

  /** How often a probe that could not even be sent is tried. */
  private static final int PROBES_MAX = 10;

  private final Prober prober;
  private final long probeMs;
  private final LivenessLoop loop;
  private final Quorum quorum;
  private final IntConsumer whenGone;
  private final Map<Integer, Probing> probing = new HashMap<>();
  private final Map<Integer, Loss> losses = new HashMap<>();

  /** Nothing that was heard up to here speaks for the process. */
  private record Loss(BrokerImage broker, long ms) {}

  /** A broker that is being looked for. */
  private static final class Probing {
    private final BrokerImage broker;
    private long lostMs;
    private long startedMs;
    private int probes;
    private boolean isOutdated;

    private Probing(BrokerImage broker, long lostMs) {
      this.broker = broker;
      this.lostMs = lostMs;
    }
  }

  LostPeers(Prober prober, long probeMs, LivenessLoop loop, Quorum quorum, IntConsumer whenGone) {
    this.prober = prober;
    this.probeMs = probeMs;
    this.loop = loop;
    this.quorum = quorum;
    this.whenGone = whenGone;
  }

  void connectionLost(PeerCaller peer, long lostMs) {
    BrokerImage broker = serving(peer.nodeId());
    if (broker == null || !broker.incarnation().equals(peer.incarnation())) {
      return;
    }
    Probing known = probing.get(broker.id());
    if (known != null && known.broker.epoch() == broker.epoch()) {
      known.isOutdated = true; // what is on its way may have been answered before this
      known.lostMs = lostMs;
      return;
    }
    Probing started = new Probing(broker, lostMs);
    probing.put(broker.id(), started);
    probe(started);
  }

  boolean isGone(int nodeId, long lastHeardMs) {
    Loss loss = losses.get(nodeId);
    return loss != null && lastHeardMs <= loss.ms;
  }

  /**
   * Forgets what was found so long ago: who was gone is fenced by now, and who was not may have
   * nothing to ask for in partitions that are idle.
   */
  void forgetBefore(long ms) {
    losses.values().removeIf(loss -> loss.ms < ms);
  }

  /** Who has been fenced or has come back is in no ISR by that alone. */
  void brokersChanged() {
    losses
        .values()
        .removeIf(loss -> {
          BrokerImage now = serving(loss.broker.id());
          return now == null || now.epoch() != loss.broker.epoch();
        });
  }

  private void probe(Probing each) {
    each.startedMs = loop.nowMs();
    each.probes++;
    each.isOutdated = false;
    Target target = new Target(each.broker.id(), each.broker.incarnation(), each.broker.peer());
    var _ =
        prober
            .probe(target, probeMs)
            .whenComplete((outcome, failure) ->
                loop.execute(
                    () -> answered(each, failure == null ? outcome : ProbeOutcome.SILENT)));
  }

  private void answered(Probing each, ProbeOutcome outcome) {
    if (!isCurrent(each)) {
      return;
    }
    boolean unasked =
        outcome == ProbeOutcome.SILENT
            && loop.nowMs() - each.startedMs < probeMs
            && each.probes < PROBES_MAX;
    if (unasked || (outcome == ProbeOutcome.SAME_PROCESS && each.isOutdated)) {
      var _ = loop.after(PROBE_INTERVAL_MS, () -> probeAgain(each));
      return;
    }
    probing.remove(each.broker.id());
    if (outcome != ProbeOutcome.SAME_PROCESS) {
      LOG.info("Follower is gone: node={} found={}", each.broker.id(), outcome);
      boolean isCertain = outcome == ProbeOutcome.REFUSED || outcome == ProbeOutcome.OTHER_PROCESS;
      losses.put(each.broker.id(), new Loss(each.broker, isCertain ? loop.nowMs() : each.lostMs));
      whenGone.accept(each.broker.id());
    }
  }

  private void probeAgain(Probing each) {
    if (isCurrent(each)) {
      probe(each);
    }
  }

  /** Whether it is the same registration that is looked for still; forgets it if not. */
  private boolean isCurrent(Probing each) {
    if (!each.equals(probing.get(each.broker.id()))) {
      return false;
    }
    BrokerImage now = serving(each.broker.id());
    if (now == null || now.epoch() != each.broker.epoch()) {
      probing.remove(each.broker.id());
      return false;
    }
    return true;
  }

  private @Nullable BrokerImage serving(int nodeId) {
    BrokerImage broker = quorum.image().broker(nodeId);
    return broker == null || broker.fenced() ? null : broker;
  }
}
