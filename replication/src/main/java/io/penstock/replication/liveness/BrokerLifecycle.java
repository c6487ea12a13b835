package io.penstock.replication.liveness;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.liveness.LeaderTalk.Reaction;
import io.penstock.replication.liveness.LeaderTalk.Request;
import io.penstock.replication.liveness.message.Heartbeat;
import io.penstock.replication.liveness.message.HeartbeatAnswer;
import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.RegisterAnswer;
import io.penstock.replication.liveness.message.RegisterAnswer.Reason;
import io.penstock.replication.peer.PeerApi;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of this process as a broker; {@link BrokerState} draws it. Registers, says by heartbeats
 * that it lives, registers again where its registration is gone, and leaves in order. Whether it is
 * fenced it takes from the image alone, so that it believes what it also knows the consequences of.
 * It has to be told of every new image and of changes of leadership. All methods may be called on
 * any thread; only {@link #start} blocks. Its work is done on the loop.
 */
public final class BrokerLifecycle implements ImageListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerLifecycle.class);
  private static final long NEVER = Long.MIN_VALUE;

  /** Longer than peers remember a process that is gone. */
  private static final long REJECTED_MS_MAX = 15_000;

  private static final int TIMEOUT_HEARTBEATS = 2;

  /** Where it takes longer, asking once more finds what the first time has come to. */
  private static final int REGISTER_TIMEOUT_HEARTBEATS = 3;

  /** After longer without contact, the leader is told soon that there is some again. */
  private static final int MISSED_HEARTBEATS = 2;

  /** A broker that waits to be unfenced asks more often. */
  private static final long IMPATIENT_MS = 100;

  private final BrokerIdentity self;
  private final LivenessSettings settings;
  private final LivenessServices services;
  private final LeaderTalk talk;
  private final QuorumContact contact;
  private final List<BrokerListener> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Long> registered = new CompletableFuture<>();
  private final CompletableFuture<Long> serving = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
  private volatile BrokerState state = BrokerState.REGISTERING;
  private volatile long epoch = -1;
  private volatile String trouble = "nobody was asked yet";

  // From here on only on the loop.
  private boolean isBegun;
  private boolean mayServe;
  private long refusedSinceMs = NEVER;
  private long rejectedSinceMs = NEVER;
  private @Nullable Departure departure;

  /**
   * Begins nothing yet.
   *
   * @param monitor this node's, which is asked without the network while it leads
   */
  public BrokerLifecycle(
      BrokerIdentity self,
      LivenessSettings settings,
      LivenessServices services,
      LeaderFinder leaders,
      BrokerMonitor monitor) {
    this.self = self;
    this.settings = settings;
    this.services = services;
    LeaderLink link =
        new LeaderLink(self.process(), leaders, services.network(), monitor.handlers());
    this.contact = new QuorumContact(settings, services.loop(), this::cutOff);
    this.talk = new LeaderTalk(link, services.loop(), new Talk(), settings.heartbeatMs());
  }

  public void addListener(BrokerListener listener) {
    listeners.add(listener);
  }

  /**
   * Begins to register; completes with the broker epoch when this node's image shows it, or fails
   * with {@link RegistrationRefusedException}.
   */
  public CompletionStage<Long> register() {
    services
        .loop()
        .execute(() -> {
          if (!isBegun && state == BrokerState.REGISTERING) {
            isBegun = true;
            talk.now();
          }
        });
    return registered.copy();
  }

  /** From here on the broker is ready to lead; completes when it is unfenced for the first time. */
  public CompletionStage<Long> serve() {
    services
        .loop()
        .execute(() -> {
          mayServe = true;
          if (state == BrokerState.FENCED) {
            talk.now();
          }
        });
    return serving.copy();
  }

  /**
   * Registers, serves and waits for both; returns the broker epoch.
   *
   * @throws RegistrationRefusedException where the cluster does not want this broker
   * @throws TimeoutException where that took too long; the message says what was in the way
   */
  public long start(long waitMs) throws InterruptedException, TimeoutException {
    var _ = register();
    try {
      return serve().toCompletableFuture().get(waitMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RegistrationRefusedException refused) {
        throw refused;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      TimeoutException told =
          new TimeoutException(
              "broker "
                  + self.process().nodeId()
                  + " is still "
                  + state
                  + " after "
                  + waitMs
                  + " ms: "
                  + trouble);
      told.initCause(e);
      throw told;
    }
  }

  /**
   * Leaves: gives away what others can lead, then fences itself, so that nobody has to miss it.
   * Completes when that is done or has taken too long; never fails.
   */
  public CompletionStage<Void> stop() {
    services.loop().execute(this::leave);
    return stopped.thenApply(_ -> null);
  }

  /** Ends without leaving; see {@link #stop}. */
  @Override
  public void close() {
    services.loop().execute(() -> end("closed"));
  }

  public BrokerState state() {
    return state;
  }

  /** The epoch under which the process is registered, or was last; -1 before that. */
  public long epoch() {
    return epoch;
  }

  /**
   * Whether this broker had no contact with the majority for a session, see {@link #lastContactMs}:
   * this broker may have been fenced and replaced without knowing. Whoever answers for the data
   * takes no writes meanwhile.
   */
  public boolean isCutOff() {
    return contact.isLost();
  }

  private void cutOff() {
    listeners.forEach(BrokerListener::cutOff);
  }

  /**
   * When this broker was in contact with the majority last, by the clock of the loop; long ago
   * where it never was. It was when it sent a request that the leader of {@code leadership} has
   * answered, less for how long answers of a majority of the voters to that leader were due then.
   */
  public long lastContactMs() {
    return contact.lastMs();
  }

  /** There is news of who leads {@code leadership}. */
  public void leadershipChanged() {
    services
        .loop()
        .execute(() -> {
          if (isBegun) {
            talk.leadershipChanged();
          }
        });
  }

  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    int id = self.process().nodeId();
    if (!Objects.equals(before.leadership().broker(id), after.leadership().broker(id))) {
      services.loop().execute(this::look);
    }
  }

  /** Compares what this process believes of itself with what the image shows. */
  private void look() {
    BrokerImage broker = imageOfSelf();
    if (broker == null || broker.epoch() < epoch || departure != null || !isRegistered()) {
      return; // not there yet, or gone again, as the leader will say
    }
    if (broker.epoch() > epoch) {
      replaced(broker);
      return;
    }
    registered.complete(epoch);
    if (broker.fenced()) {
      become(BrokerState.FENCED, state == BrokerState.ACTIVE ? "was fenced" : "is registered");
      if (mayServe) {
        talk.now();
      }
      return;
    }
    become(BrokerState.ACTIVE, "is unfenced");
    serving.complete(epoch);
  }

  private void replaced(BrokerImage broker) {
    if (broker.incarnation().equals(self.process().incarnation())) {
      epoch = broker.epoch(); // the answer to that registration was lost
      look();
      return;
    }
    registerAgain("another process was registered as this node, at " + broker.peer());
  }

  private boolean isRegistered() {
    return state == BrokerState.FENCED || state == BrokerState.ACTIVE;
  }

  private @Nullable BrokerImage imageOfSelf() {
    return services.image().get().broker(self.process().nodeId());
  }

  private boolean isSeenFenced() {
    BrokerImage broker = imageOfSelf();
    return broker != null && broker.epoch() == epoch && broker.fenced();
  }

  private void registerAgain(String why) {
    become(BrokerState.REGISTERING, why);
    refusedSinceMs = NEVER;
    talk.now();
  }

  private void leave() {
    if (departure != null || state == BrokerState.STOPPED) {
      return;
    }
    if (state == BrokerState.REGISTERING) {
      end("stopped before it was registered");
      return;
    }
    become(BrokerState.DRAINING, "stopping");
    departure = new Departure(self.process().nodeId(), epoch, settings, services, why -> end(why));
    departure.begin();
    talk.now();
  }

  private void end(String why) {
    if (state == BrokerState.STOPPED) {
      return;
    }
    talk.end();
    contact.end();
    if (departure != null) {
      departure.cancel();
    }
    become(BrokerState.STOPPED, why);
    RegistrationRefusedException never = new RegistrationRefusedException(why);
    registered.completeExceptionally(never);
    serving.completeExceptionally(never);
    stopped.complete(null);
  }

  private void become(BrokerState next, String why) {
    BrokerState from = state;
    if (from == next) {
      return;
    }
    state = next;
    LOG.info(
        "Broker state: node={} epoch={} from={} to={} why={}",
        self.process().nodeId(),
        epoch,
        from,
        next,
        why);
    for (BrokerListener listener : listeners) {
      listener.stateChanged(from, next, why);
    }
  }

  /** What this broker says to the leader: who it is, and later that it lives. */
  private final class Talk implements LeaderTalk.Topic {

    @Override
    public Request next() {
      if (state == BrokerState.REGISTERING) {
        long previousEpoch = epoch < 0 ? self.previousEpoch() : epoch;
        RegisterBroker register =
            new RegisterBroker(
                self.process().nodeId(),
                self.process().incarnation(),
                self.client(),
                self.peer(),
                self.rack(),
                previousEpoch,
                self.directories());
        return new Request(
            PeerApi.REGISTER,
            LivenessCodec.encode(register),
            REGISTER_TIMEOUT_HEARTBEATS * settings.heartbeatMs());
      }
      Heartbeat heartbeat =
          new Heartbeat(
              self.process().nodeId(),
              epoch,
              self.directoryId(),
              wantsToServe(),
              services.applied().get(),
              contact.agoMs());
      return new Request(
          PeerApi.HEARTBEAT,
          LivenessCodec.encode(heartbeat),
          TIMEOUT_HEARTBEATS * settings.heartbeatMs());
    }

    private boolean wantsToServe() {
      return mayServe && state == BrokerState.FENCED && isSeenFenced();
    }

    @Override
    public Reaction answered(PeerApi api, byte[] answer, long sentMs) {
      return api == PeerApi.REGISTER
          ? answered(LivenessCodec.decodeRegisterAnswer(answer), sentMs)
          : answered(LivenessCodec.decodeHeartbeatAnswer(answer), sentMs);
    }

    @Override
    public void unheard(String why) {
      trouble = why;
      LOG.debug("No leader has answered: node={} why={}", self.process().nodeId(), why);
      if (departure != null) {
        departure.unheard(contact.lastMs());
      }
    }

    /**
     * A peer does not even listen, because another process has this node id, say. That one may be
     * gone soon; where it stays, a process that was never taken in is no use to anybody.
     */
    @Override
    public void rejected(String why) {
      long nowMs = services.loop().nowMs();
      if (rejectedSinceMs == NEVER) {
        rejectedSinceMs = nowMs;
      }
      if (!registered.isDone() && nowMs - rejectedSinceMs > REJECTED_MS_MAX) {
        end(why);
      }
    }

    private Reaction answered(HeartbeatAnswer answer, long sentMs) {
      return switch (answer) {
        case HeartbeatAnswer.Heard(_, int majorityOverdueMs) -> {
          boolean wasMissed =
              contact.heard(sentMs - majorityOverdueMs)
                  > MISSED_HEARTBEATS * settings.heartbeatMs();
          yield new Reaction.NextIn(
              wantsToServe() || wasMissed
                  ? Math.min(IMPATIENT_MS, settings.heartbeatMs())
                  : settings.heartbeatMs());
        }
        case HeartbeatAnswer.NotRegistered(String message) -> notRegistered(message);
        case HeartbeatAnswer.NotLeader(int leaderId) -> new Reaction.NotLeader(leaderId);
      };
    }

    private Reaction notRegistered(String message) {
      if (departure != null) {
        end("its registration was gone already");
        return new Reaction.End();
      }
      become(BrokerState.REGISTERING, message);
      refusedSinceMs = NEVER;
      return new Reaction.NextIn(0);
    }

    private Reaction answered(RegisterAnswer answer, long sentMs) {
      return switch (answer) {
        case RegisterAnswer.Registered(long given) -> {
          epoch = given;
          var _ = contact.heard(sentMs);
          become(BrokerState.FENCED, "is registered");
          services.loop().execute(BrokerLifecycle.this::look);
          yield new Reaction.NextIn(settings.heartbeatMs());
        }
        case RegisterAnswer.Refused(Reason reason, String message) -> refused(reason, message);
        case RegisterAnswer.Retry(String message) -> new Reaction.Again(message);
        case RegisterAnswer.NotLeader(int leaderId) -> new Reaction.NotLeader(leaderId);
      };
    }

    /** A process that is just stopping may still hold the id, so that is waited for. */
    private Reaction refused(Reason reason, String message) {
      long nowMs = services.loop().nowMs();
      if (refusedSinceMs == NEVER) {
        refusedSinceMs = nowMs;
        trouble = message;
        LOG.warn("Not taken in: node={} why={}", self.process().nodeId(), message);
      }
      boolean mayPass =
          reason == Reason.NODE_ID_IN_USE && nowMs - refusedSinceMs < settings.sessionMs();
      if (registered.isDone() || mayPass) {
        return new Reaction.NextIn(settings.heartbeatMs());
      }
      end(message);
      return new Reaction.End();
    }
  }
}
