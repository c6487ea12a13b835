package io.penstock.replication.liveness;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.liveness.SuspicionRules.Evidence;
import io.penstock.replication.liveness.SuspicionRules.Verdict;
import io.penstock.replication.liveness.message.Probe.Target;
import io.penstock.replication.liveness.message.ProbeOutcome;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The brokers that are suspected of being gone, one case for each, under one leader: evidence comes
 * in, probes go out, {@link SuspicionRules} judge. Used on the loop. However many report a broker,
 * and however often, it is probed at most once in {@link #PROBE_INTERVAL_MS}.
 */
final class Suspects {

  private static final int PROBED_AT_ONCE_MAX = 64;
  private static final long PROBE_INTERVAL_MS = 50;
  private static final long WAIT_MS_MIN = 100;
  private static final long WAIT_MS_MAX = 500;
  private static final int PROBES_MAX = 10;
  private static final long REMEMBERED_MS = 1_000;

  /** What a case needs of the leader that looks into it. */
  interface Bench {

    /** The registration as it is now, or null if it is gone, replaced or fenced. */
    @Nullable BrokerImage unfenced(int brokerId, long brokerEpoch);

    /** The brokers heard of just now, without this one and without the leader's own. */
    SortedSet<Integer> living(int withoutBroker);

    @Nullable BrokerImage broker(int brokerId);

    /** Fences the broker; then tells, on the loop, whether that was done. */
    void fence(BrokerImage broker, String reason, Consumer<Boolean> done);
  }

  private final Bench bench;
  private final Prober prober;
  private final long probeMs;
  private final LivenessLoop loop;
  private final Map<Integer, Case> cases = new HashMap<>();
  private final Queue<Case> waiting = new ArrayDeque<>();
  private int probed;

  Suspects(Bench bench, Prober prober, long probeMs, LivenessLoop loop) {
    this.bench = bench;
    this.prober = prober;
    this.probeMs = probeMs;
    this.loop = loop;
  }

  /** A broker has lost its connection to this one. */
  void lostBy(int reporterId, BrokerImage broker) {
    Case suspected = caseOf(broker);
    suspected.isSuspected = true;
    suspected.isOutdated = true;
    suspected.losses.put(reporterId, ProbeOutcome.LOST);
    suspected.wake();
  }

  /** Nothing is known against the broker, but it is made sure of. */
  void callUpon(BrokerImage broker) {
    caseOf(broker).wake();
  }

  /** Forgets what is settled; to be called now and then. */
  void sweep(long nowMs) {
    cases.values().removeIf(each -> !each.isOpen && nowMs - each.lastProbeMs >= REMEMBERED_MS);
  }

  void close() {
    waiting.clear();
    cases.values().forEach(Case::close);
    cases.clear();
  }

  private Case caseOf(BrokerImage broker) {
    Case known = cases.get(broker.id());
    if (known != null && known.broker.epoch() == broker.epoch()) {
      return known;
    }
    if (known != null) {
      known.close();
    }
    Case opened = new Case(broker);
    cases.put(broker.id(), opened);
    return opened;
  }

  private void startNext() {
    while (probed < PROBED_AT_ONCE_MAX) {
      Case next = waiting.poll();
      if (next == null) {
        return;
      }
      if (!next.isClosed) {
        next.probe();
      }
    }
  }

  /** What is known of one registration, and what is done about it. */
  private final class Case {

    private final BrokerImage broker;
    private final Target target;
    private final Map<Integer, ProbeOutcome> losses = new HashMap<>();
    private final Map<Integer, ProbeOutcome> opinions = new HashMap<>();
    private ProbeOutcome outcome = ProbeOutcome.SILENT;
    private boolean isSuspected;
    private boolean isOutdated;
    private boolean isOpen;
    private boolean isClosed;
    private boolean isBeingProbed;
    private int probes;
    private int opinionsDue;
    private long lastProbeMs = Long.MIN_VALUE / 2;
    private LivenessLoop.@Nullable Timer timer;

    private Case(BrokerImage broker) {
      this.broker = broker;
      this.target = new Target(broker.id(), broker.incarnation(), broker.peer());
    }

    private void wake() {
      if (!isOpen) {
        isOpen = true;
        probes = 0;
        probeAfter(0);
      } else if (timer != null) {
        timer.cancel();
        probeAfter(0);
      }
    }

    private void probeAfter(long delayMs) {
      long soonestMs = lastProbeMs + PROBE_INTERVAL_MS - loop.nowMs();
      timer =
          loop.after(
              Math.max(delayMs, soonestMs),
              () -> {
                timer = null;
                if (!isClosed) {
                  waiting.add(this);
                  startNext();
                }
              });
    }

    private void probe() {
      probed++;
      isBeingProbed = true;
      lastProbeMs = loop.nowMs();
      isOutdated = false;
      opinions.clear();
      probes++;
      onLoop(
          prober.probe(target, probeMs),
          found -> {
            outcome = found;
            judge();
          });
    }

    private void judge() {
      if (bench.unfenced(broker.id(), broker.epoch()) == null) {
        settle();
        return;
      }
      Map<Integer, ProbeOutcome> heard = new HashMap<>(opinions);
      heard.putAll(losses);
      Evidence evidence = new Evidence(outcome, isSuspected, isOutdated, heard);
      switch (SuspicionRules.judge(evidence, bench.living(broker.id()))) {
        case Verdict.Fence(String reason) -> bench.fence(broker, reason, this::fenced);
        case Verdict.Clear() -> clear();
        case Verdict.ProbeAgain() -> later(0);
        case Verdict.Ask(List<Integer> others) -> ask(others);
        case Verdict.Wait() -> waitOrClear();
      }
    }

    private void fenced(boolean done) {
      if (isClosed) {
        return;
      }
      if (done) {
        settle();
        return;
      }
      later(WAIT_MS_MIN); // what was true then may not be any more
    }

    private void clear() {
      if (isOutdated) {
        later(0);
        return;
      }
      settle();
    }

    private void waitOrClear() {
      if (probes >= PROBES_MAX) {
        settle();
        return;
      }
      later(Math.min(WAIT_MS_MAX, WAIT_MS_MIN * probes));
    }

    private void ask(List<Integer> others) {
      opinionsDue = others.size();
      for (int other : others) {
        BrokerImage asked = bench.broker(other);
        if (asked == null) {
          opinion(other, ProbeOutcome.SILENT);
          continue;
        }
        onLoop(
            prober.secondOpinion(asked.peer(), target, 2 * probeMs),
            found -> opinion(other, found));
      }
    }

    private void opinion(int other, ProbeOutcome found) {
      opinions.put(other, found);
      opinionsDue--;
      if (opinionsDue == 0) {
        judge();
      }
    }

    private void later(long delayMs) {
      release();
      probeAfter(delayMs);
    }

    private void settle() {
      release();
      isOpen = false;
      isSuspected = false;
      losses.clear();
    }

    private void release() {
      if (isBeingProbed) {
        isBeingProbed = false;
        probed--;
        startNext();
      }
    }

    private void close() {
      isClosed = true;
      if (timer != null) {
        timer.cancel();
      }
      release();
    }

    private void onLoop(CompletionStage<ProbeOutcome> stage, Consumer<ProbeOutcome> then) {
      var _ =
          stage.whenComplete((found, failure) ->
              loop.execute(() -> {
                if (!isClosed) {
                  then.accept(failure == null ? found : ProbeOutcome.SILENT);
                }
              }));
    }
  }
}
