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
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The brokers that are found to be gone, or not to be reached. A lost connection is the occasion to
 * look, and so is silence; the process answering by itself settles it. Who was found gone counts as
 * gone until it is heard of again. Used on the keeper's loop.
 *
 * <p>One probe that began after it is enough where a connection was lost. Silence alone might be a
 * pause, or a want of CPU, so there it takes some in a row that nothing answers, with not a word of
 * the follower meanwhile. And it might be this node that hears nobody: a probe out of silence
 * counts only where this node was in contact with the majority shortly before it began, as contact
 * that came later says nothing of the time when it was sent.
 */
final class LostPeers {

  private static final Logger LOG = LoggerFactory.getLogger(LostPeers.class);

  /** Between two probes of the same broker. */
  private static final long PROBE_INTERVAL_MS = 50;

  /** How often a probe that could not even be sent is tried, where a connection was lost. */
  private static final int PROBES_MAX = 10;

  private final Prober prober;
  private final IsrSettings settings;
  private final LivenessLoop loop;
  private final Quorum quorum;
  private final IntToLongFunction lastHeard;
  private final IntConsumer whenGone;
  private final Map<Integer, Probing> probing = new HashMap<>();
  private final Map<Integer, Loss> losses = new HashMap<>();

  /** Nothing that was heard up to here speaks for the process. */
  private record Loss(BrokerImage broker, long ms) {}

  /** A broker that is being looked for. */
  private static final class Probing {
    private final BrokerImage broker;
    private final long beganMs;

    /** Up to when it may have been heard of. */
    private long lostMs;

    private boolean isSilentOnly;
    private long startedMs;
    private int probes;
    private int unanswered;

    /** Of the probe under way: by what this node was when it began. */
    private boolean isInContact;

    private boolean isOfSilence;

    /** A connection was lost since the probe under way began. */
    private boolean isOutdated;

    private Probing(BrokerImage broker, long beganMs, long lostMs, boolean isSilentOnly) {
      this.broker = broker;
      this.beganMs = beganMs;
      this.lostMs = lostMs;
      this.isSilentOnly = isSilentOnly;
    }
  }

  /**
   * @param lastHeard when a follower has asked this node for anything last
   */
  LostPeers(
      Prober prober,
      IsrSettings settings,
      LivenessLoop loop,
      Quorum quorum,
      IntToLongFunction lastHeard,
      IntConsumer whenGone) {
    this.prober = prober;
    this.settings = settings;
    this.loop = loop;
    this.quorum = quorum;
    this.lastHeard = lastHeard;
    this.whenGone = whenGone;
  }

  void connectionLost(PeerCaller peer, long lostMs) {
    BrokerImage broker = serving(peer.nodeId());
    if (broker == null || !broker.incarnation().equals(peer.incarnation())) {
      return;
    }
    Probing known = lookedFor(broker);
    if (known != null) {
      known.isOutdated = true; // what is on its way may have been answered before this
      if (known.isSilentOnly) {
        known.isSilentOnly = false;
        known.probes = 0;
      }
      known.lostMs = lostMs;
      return;
    }
    begin(new Probing(broker, loop.nowMs(), lostMs, false));
  }

  /** A follower has asked for nothing since then, although it is behind. */
  void silent(int nodeId, long heardMs) {
    BrokerImage broker = serving(nodeId);
    if (broker != null && lookedFor(broker) == null) {
      begin(new Probing(broker, loop.nowMs(), heardMs, true));
    }
  }

  /** How this very registration is looked for already. */
  private @Nullable Probing lookedFor(BrokerImage broker) {
    Probing known = probing.get(broker.id());
    return known != null && known.broker.epoch() == broker.epoch() ? known : null;
  }

  private void begin(Probing started) {
    probing.put(started.broker.id(), started);
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
    each.isInContact = quorum.own().contactMs() >= each.startedMs - settings.contactMsMax();
    each.isOfSilence = each.isSilentOnly;
    each.isOutdated = false;
    Target target = new Target(each.broker.id(), each.broker.incarnation(), each.broker.peer());
    var _ =
        prober
            .probe(target, settings.probeMs())
            .whenComplete((outcome, failure) ->
                loop.execute(
                    () -> answered(each, failure == null ? outcome : ProbeOutcome.SILENT)));
  }

  private void answered(Probing each, ProbeOutcome outcome) {
    if (!isCurrent(each)) {
      return;
    }
    boolean isAsked =
        outcome != ProbeOutcome.SILENT || loop.nowMs() - each.startedMs >= settings.probeMs();
    if (each.isSilentOnly) {
      answeredSilent(each, outcome, isAsked);
      return;
    }
    boolean isToTryAgain = !isAsked && each.probes < PROBES_MAX;
    if (isToTryAgain || isFromBefore(each, outcome)) {
      later(each, PROBE_INTERVAL_MS);
      return;
    }
    probing.remove(each.broker.id());
    if (outcome != ProbeOutcome.SAME_PROCESS) {
      gone(each, outcome, each.lostMs);
    }
  }

  /**
   * Whether it says nothing of what the lost connection is about: an answer may have been given
   * before that, and a probe out of silence may have gone out when nobody heard this node, where
   * connections end in the moment in which they are heard of again.
   */
  private static boolean isFromBefore(Probing each, ProbeOutcome outcome) {
    return outcome == ProbeOutcome.SAME_PROCESS
        ? each.isOutdated
        : each.isOfSilence && !isCertain(outcome);
  }

  private void answeredSilent(Probing each, ProbeOutcome outcome, boolean isAsked) {
    int id = each.broker.id();
    if (outcome == ProbeOutcome.SAME_PROCESS || lastHeard.applyAsLong(id) > each.lostMs) {
      probing.remove(id);
      return;
    }
    if (!each.isInContact) {
      each.unanswered = 0;
    } else if (isAsked) {
      each.unanswered++;
    }
    if (isCertain(outcome) || each.unanswered >= IsrSettings.UNANSWERED_MAX) {
      probing.remove(id);
      gone(each, outcome, each.beganMs);
      return;
    }
    later(each, Math.max(PROBE_INTERVAL_MS, each.startedMs + settings.probeMs() - loop.nowMs()));
  }

  private static boolean isCertain(ProbeOutcome outcome) {
    return outcome == ProbeOutcome.REFUSED || outcome == ProbeOutcome.OTHER_PROCESS;
  }

  private void gone(Probing each, ProbeOutcome outcome, long lostMs) {
    LOG.info(
        "Follower is gone: node={} found={} silent={}",
        each.broker.id(),
        outcome,
        each.isSilentOnly);
    long ms = isCertain(outcome) ? loop.nowMs() : lostMs;
    losses.put(each.broker.id(), new Loss(each.broker, ms));
    whenGone.accept(each.broker.id());
  }

  private void later(Probing each, long delayMs) {
    var _ = loop.after(delayMs, () -> probeAgain(each));
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
