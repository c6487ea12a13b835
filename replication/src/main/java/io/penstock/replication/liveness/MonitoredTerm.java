package io.penstock.replication.liveness;

import com.codahale.metrics.Counter;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.liveness.Sessions.Session;
import io.penstock.replication.liveness.message.Heartbeat;
import io.penstock.replication.liveness.message.HeartbeatAnswer;
import io.penstock.replication.liveness.message.RegisterAnswer;
import io.penstock.replication.liveness.message.Suspect;
import io.penstock.replication.peer.PeerCaller;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The brokers as this node sees them in one term in which it leads {@code leadership}: everything
 * begins afresh with a term and ends with it. Used on the loop.
 */
final class MonitoredTerm implements Suspects.Bench {

  private static final Logger LOG = LoggerFactory.getLogger(MonitoredTerm.class);

  /** A broker whose last heartbeat is no older than so many intervals is asked what it sees. */
  private static final int LIVING_HEARTBEATS = 2;

  private final int selfId;
  private final LivenessSettings settings;
  private final LivenessServices services;
  private final MonitorMetrics metrics;
  private final Sessions sessions;
  private final Patience patience;
  private final BrokerProposals proposals;
  private final Registrations registrations;
  private final Suspects suspects;
  private final Map<Integer, Integer> passedOver = new HashMap<>();
  private final Map<Integer, Suspicion> suspicions = new HashMap<>();
  private final long term;
  private LivenessLoop.@Nullable Timer ticks;
  private boolean isOver;

  /** When a registration was fenced by evidence last. */
  private record Suspicion(long brokerEpoch, long atMs) {}

  MonitoredTerm(
      PeerCaller self,
      LivenessSettings settings,
      LivenessServices services,
      MonitorMetrics metrics,
      long term) {
    Prober prober = new Prober(self, services.network());
    this.selfId = self.nodeId();
    this.settings = settings;
    this.services = services;
    this.metrics = metrics;
    this.term = term;
    this.sessions = new Sessions(settings.sessionMs(), services.loop().nowMs());
    this.patience = new Patience(settings);
    this.proposals = new BrokerProposals(services, term);
    this.registrations =
        new Registrations(services, sessions, proposals, prober, settings.probeMs(), metrics);
    this.suspects = new Suspects(this, prober, settings.probeMs(), services.loop());
  }

  /**
   * Every unfenced broker gets a whole session, and a probe: one that died with the former leader
   * is found by that. The former leader itself goes on in the session that it had, but is given the
   * time to find the new one.
   */
  void begin(FormerLeader former) {
    LOG.info("This node watches over the brokers: node={} term={}", selfId, term);
    expectFormer(former);
    expectAll();
    for (BrokerImage broker : services.image().get().brokers()) {
      if (!broker.fenced()) {
        suspects.callUpon(broker);
      }
    }
    tickLater();
  }

  /** What is proposed may still be applied, which epochs make harmless. */
  void end() {
    isOver = true;
    suspects.close();
    registrations.close();
    if (ticks != null) {
      ticks.cancel();
    }
  }

  void register(RegisterBroker asked, Consumer<RegisterAnswer> answer) {
    registrations.register(asked, answer);
  }

  /**
   * @param incarnation of the process that it comes from
   * @param fencedAt at which index of the group the broker was seen to be fenced last
   */
  HeartbeatAnswer heartbeat(UUID incarnation, Heartbeat heartbeat, long fencedAt) {
    LeadershipImage image = services.image().get();
    int id = heartbeat.brokerId();
    BrokerImage broker = image.broker(id);
    if (broker == null
        || broker.epoch() != heartbeat.brokerEpoch()
        || !broker.incarnation().equals(incarnation)) {
      return notThisOne(heartbeat, broker, image.lastBrokerEpoch());
    }
    long nowMs = services.loop().nowMs();
    sessions.heard(id, broker.epoch(), nowMs - unansweredMs(heartbeat));
    if (broker.fenced()
        && heartbeat.wantsToServe()
        && sessions.isAlive(id, broker.epoch(), nowMs)
        && heartbeat.applied().leadership().index() >= fencedAt) {
      unfence(broker);
    }
    return new HeartbeatAnswer.Heard(broker.fenced(), majorityOverdueMs());
  }

  /**
   * For how long a broker has missed answers. One that is heard but hears nothing takes no writes
   * after a session, and cannot know who else does: its session ends, too.
   */
  private long unansweredMs(Heartbeat heartbeat) {
    return Math.max(0, heartbeat.contactAgoMs() - settings.heartbeatMs());
  }

  private int majorityOverdueMs() {
    return Math.clamp(services.majorityOverdueMs().getAsLong(), 0, Heartbeat.AGO_MS_MAX);
  }

  /** A leader that is none any more may not know of the newest registrations. */
  private static HeartbeatAnswer notThisOne(
      Heartbeat heartbeat, @Nullable BrokerImage broker, long lastBrokerEpoch) {
    if (heartbeat.brokerEpoch() > lastBrokerEpoch) {
      return new HeartbeatAnswer.NotLeader(-1);
    }
    return new HeartbeatAnswer.NotRegistered(
        broker == null
            ? "broker " + heartbeat.brokerId() + " is not registered"
            : "broker "
                + broker.id()
                + " is registered under epoch "
                + broker.epoch()
                + ", by the process at "
                + broker.peer());
  }

  /** Another process than the registered one is nobody's business any more. */
  void suspect(Suspect suspect, int reporterId) {
    BrokerImage broker = services.image().get().broker(suspect.brokerId());
    if (broker == null
        || !broker.incarnation().equals(suspect.incarnation())
        || reporterId == broker.id()) {
      return;
    }
    metrics.suspicions().inc();
    if (!broker.fenced()) {
      suspects.lostBy(reporterId, broker);
    } else if (proposals.isUnderWay(broker.id())) {
      passedOver.put(broker.id(), reporterId);
    }
  }

  private void tickLater() {
    ticks = services.loop().after(settings.tickMs(), this::tick);
  }

  private void tick() {
    if (isOver) {
      return;
    }
    tickLater();
    long nowMs = services.loop().nowMs();
    long pauseMs = sessions.tick(nowMs);
    if (pauseMs > 0) {
      metrics.pauses().inc();
      LOG.warn("This node stood still; sessions go on for as long: ms={}", pauseMs);
    }
    suspects.sweep(nowMs);
    expectAll();
    if (patience.isOver(majorityOverdueMs(), nowMs)) {
      sessions.expired(nowMs).forEach(this::expire);
    }
  }

  private void expectFormer(FormerLeader former) {
    BrokerImage broker = services.image().get().broker(former.nodeId());
    if (broker == null || broker.fenced() || broker.id() == selfId) {
      return;
    }
    long nowMs = services.loop().nowMs();
    long leastMs = LIVING_HEARTBEATS * settings.heartbeatMs();
    long fromMs = Math.max(former.heardMs(), nowMs - settings.sessionMs() + leastMs);
    sessions.expect(broker.id(), broker.epoch(), Math.min(nowMs, fromMs));
  }

  /** Whoever is unfenced has a session, also where another leader's late proposal did it. */
  private void expectAll() {
    long nowMs = services.loop().nowMs();
    for (BrokerImage broker : services.image().get().brokers()) {
      if (!broker.fenced()) {
        sessions.expect(broker.id(), broker.epoch(), nowMs);
      }
    }
  }

  private void expire(Session session) {
    BrokerImage broker = unfenced(session.brokerId(), session.brokerEpoch());
    if (broker == null) {
      sessions.end(session.brokerId(), session.brokerEpoch());
      return;
    }
    long silentMs = services.loop().nowMs() - session.lastContactMs();
    String reason = "it was without contact for " + silentMs + " ms";
    fence(broker, reason, metrics.fencedBySession(), _ -> {});
  }

  /**
   * A registration is fenced by evidence once in a session at most: if it lives all the same, as
   * one does whose peer address leads nowhere, it would be fenced and unfenced without end.
   */
  @Override
  public void fence(BrokerImage broker, String reason, Consumer<Boolean> done) {
    long nowMs = services.loop().nowMs();
    Suspicion last = suspicions.get(broker.id());
    if (last != null
        && last.brokerEpoch == broker.epoch()
        && nowMs - last.atMs < settings.sessionMs()) {
      services.loop().execute(() -> done.accept(false));
      return;
    }
    fence(
        broker,
        reason,
        metrics.fencedByEvidence(),
        isDone -> {
          if (isDone) {
            suspicions.put(broker.id(), new Suspicion(broker.epoch(), services.loop().nowMs()));
          }
          done.accept(isDone);
        });
  }

  private void fence(BrokerImage broker, String reason, Counter counter, Consumer<Boolean> done) {
    boolean proposed =
        proposals.propose(
            broker.id(),
            new FenceBroker(broker.id(), broker.epoch()),
            (result, failure) -> {
              boolean isDone = Proposed.isDone(result);
              if (isDone) {
                sessions.end(broker.id(), broker.epoch());
                counter.inc();
                LOG.warn(
                    "Broker is fenced: broker={} epoch={} why={}",
                    broker.id(),
                    broker.epoch(),
                    reason);
              } else {
                notDone("fence", broker, result, failure);
              }
              done.accept(isDone);
            });
    if (!proposed) {
      services.loop().execute(() -> done.accept(false));
    }
  }

  /** Where something is under way already, the broker's next heartbeat asks again. */
  private void unfence(BrokerImage broker) {
    var _ =
        proposals.propose(
            broker.id(),
            new UnfenceBroker(broker.id(), broker.epoch()),
            (result, failure) -> {
              if (Proposed.isDone(result)) {
                metrics.unfenced().inc();
                LOG.info("Broker serves: broker={} epoch={}", broker.id(), broker.epoch());
                makeSureOf(broker);
              } else {
                notDone("unfence", broker, result, failure);
              }
            });
  }

  /** What was reported of it while it was about to be unfenced has been passed over. */
  private void makeSureOf(BrokerImage broker) {
    BrokerImage now = unfenced(broker.id(), broker.epoch());
    Integer reporterId = passedOver.remove(broker.id());
    if (reporterId != null && now != null && !isOver) {
      suspects.lostBy(reporterId, now);
    }
  }

  private static void notDone(
      String what,
      BrokerImage broker,
      @Nullable LeadershipResult result,
      @Nullable Throwable failure) {
    LOG.warn(
        "Could not {} a broker: broker={} epoch={} why={}",
        what,
        broker.id(),
        broker.epoch(),
        failure == null ? Proposed.text(result) : Failures.text(failure));
  }

  @Override
  public @Nullable BrokerImage unfenced(int brokerId, long brokerEpoch) {
    BrokerImage broker = broker(brokerId);
    return broker != null && broker.epoch() == brokerEpoch && !broker.fenced() ? broker : null;
  }

  @Override
  public @Nullable BrokerImage broker(int brokerId) {
    return services.image().get().broker(brokerId);
  }

  @Override
  public SortedSet<Integer> living(int withoutBroker) {
    long nowMs = services.loop().nowMs();
    long withinMs = LIVING_HEARTBEATS * settings.heartbeatMs();
    SortedSet<Integer> living = new TreeSet<>();
    for (BrokerImage broker : services.image().get().brokers()) {
      if (broker.id() != withoutBroker
          && broker.id() != selfId
          && !broker.fenced()
          && sessions.heardWithin(broker.id(), broker.epoch(), withinMs, nowMs)) {
        living.add(broker.id());
      }
    }
    return living;
  }
}
