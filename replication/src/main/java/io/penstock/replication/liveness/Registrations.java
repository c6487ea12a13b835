package io.penstock.replication.liveness;

import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.liveness.message.Probe.Target;
import io.penstock.replication.liveness.message.ProbeOutcome;
import io.penstock.replication.liveness.message.RegisterAnswer;
import io.penstock.replication.liveness.message.RegisterAnswer.Reason;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes brokers in, under one leader: at once, unless the node id's former registration was heard
 * of within its session and its process still answers, under its old address, as itself. Used on
 * the loop.
 */
final class Registrations {

  private static final Logger LOG = LoggerFactory.getLogger(Registrations.class);
  private static final int AT_ONCE_MAX = 256;

  /** It decides whether a living process loses its id, so it may be slower than others. */
  private static final long PROBE_MS_MIN = 1_000;

  private final LivenessServices services;
  private final Sessions sessions;
  private final BrokerProposals proposals;
  private final Prober prober;
  private final long probeMs;
  private final MonitorMetrics metrics;
  private final Set<Integer> underWay = new HashSet<>();
  private boolean isClosed;

  Registrations(
      LivenessServices services,
      Sessions sessions,
      BrokerProposals proposals,
      Prober prober,
      long probeMs,
      MonitorMetrics metrics) {
    this.services = services;
    this.sessions = sessions;
    this.proposals = proposals;
    this.prober = prober;
    this.probeMs = Math.max(PROBE_MS_MIN, probeMs);
    this.metrics = metrics;
  }

  /** Answers on the loop, exactly once. */
  void register(RegisterBroker asked, Consumer<RegisterAnswer> answer) {
    int id = asked.brokerId();
    if (underWay.size() >= AT_ONCE_MAX || !underWay.add(id)) {
      answer.accept(new RegisterAnswer.Retry("another registration is under way"));
      return;
    }
    Consumer<RegisterAnswer> settled =
        given -> {
          underWay.remove(id);
          answer.accept(given);
        };
    BrokerImage former = services.image().get().broker(id);
    if (former == null
        || former.incarnation().equals(asked.incarnation())
        || !sessions.isAlive(id, former.epoch(), services.loop().nowMs())) {
      propose(asked, settled);
      return;
    }
    Target target = new Target(id, former.incarnation(), former.peer());
    var _ =
        prober
            .probe(target, probeMs)
            .whenComplete((outcome, failure) ->
                services
                    .loop()
                    .execute(() -> {
                      if (failure == null && outcome == ProbeOutcome.SAME_PROCESS) {
                        settled.accept(inUse(asked, former));
                        return;
                      }
                      propose(asked, settled);
                    }));
  }

  /** What is under way is answered without being proposed, where it is not yet. */
  void close() {
    isClosed = true;
  }

  private static RegisterAnswer inUse(RegisterBroker asked, BrokerImage former) {
    LOG.warn(
        "Refused a broker under a node id in use: node={} inUseAt={} refused={}",
        former.id(),
        former.peer(),
        asked.peer());
    return new RegisterAnswer.Refused(
        Reason.NODE_ID_IN_USE,
        "node id "
            + former.id()
            + " is in use by the process at "
            + former.peer()
            + " (clients reach it at "
            + former.client()
            + "), which is alive: stop that one, or give this node an id of its own");
  }

  private void propose(RegisterBroker asked, Consumer<RegisterAnswer> answer) {
    if (isClosed) {
      answer.accept(new RegisterAnswer.NotLeader(-1));
      return;
    }
    boolean proposed =
        proposals.propose(
            asked.brokerId(),
            asked,
            (result, failure) -> answer.accept(answerTo(asked, result, failure)));
    if (!proposed) {
      answer.accept(new RegisterAnswer.Retry("something else is under way for this broker"));
    }
  }

  private RegisterAnswer answerTo(
      RegisterBroker asked, @Nullable LeadershipResult result, @Nullable Throwable failure) {
    if (failure != null) {
      LOG.warn("Could not register a broker: broker={}", asked.brokerId(), failure);
      return new RegisterAnswer.Retry(Failures.text(failure));
    }
    if (result instanceof BrokerResult done && done.error().isNone()) {
      sessions.heard(asked.brokerId(), done.brokerEpoch(), services.loop().nowMs());
      metrics.registered().inc();
      LOG.info(
          "Broker is registered: broker={} epoch={} peer={} client={}",
          asked.brokerId(),
          done.brokerEpoch(),
          asked.peer(),
          asked.client());
      return new RegisterAnswer.Registered(done.brokerEpoch());
    }
    return new RegisterAnswer.Refused(Reason.INVALID, Proposed.text(result));
  }
}
