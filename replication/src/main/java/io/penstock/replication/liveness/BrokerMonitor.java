package io.penstock.replication.liveness;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.liveness.message.Heartbeat;
import io.penstock.replication.liveness.message.HeartbeatAnswer;
import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.RegisterAnswer;
import io.penstock.replication.liveness.message.Suspect;
import io.penstock.replication.liveness.message.SuspectAnswer;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Watches over the brokers while this node leads {@code leadership}, and otherwise says who does.
 * Every node has one, since any may be asked; it has to be told of the node's role and of every new
 * image. Its methods may be called on any thread and do not block; its work is done on the loop.
 *
 * <pre>
 * IDLE ─becameLeader─► WATCHING ─lostLeadership─► IDLE, and so on ─close─► CLOSED
 * </pre>
 *
 * <p>It proposes as the leader of its term alone: one that was cut off has missed everybody, and
 * would fence all who live when it is heard again.
 */
public final class BrokerMonitor implements ImageListener, AutoCloseable {

  private final PeerCaller self;
  private final LivenessSettings settings;
  private final LivenessServices services;
  private final LeaderFinder leaders;
  private final MonitorMetrics metrics;
  private final ProgressTable progress = new ProgressTable();

  // From here on only on the loop.
  private final Map<Integer, Fenced> fenced = new HashMap<>();
  private @Nullable MonitoredTerm watching;
  private boolean isClosed;

  /** Where a broker was seen to be fenced last. */
  private record Fenced(long brokerEpoch, long index) {}

  public BrokerMonitor(
      PeerCaller self,
      LivenessSettings settings,
      LivenessServices services,
      LeaderFinder leaders,
      MetricRegistry metrics) {
    this.self = self;
    this.settings = settings;
    this.services = services;
    this.leaders = leaders;
    this.metrics = MonitorMetrics.in(metrics);
  }

  /** For REGISTER, HEARTBEAT and SUSPECT. */
  public Map<PeerApi, PeerHandler> handlers() {
    return Map.of(
        PeerApi.REGISTER, this::register,
        PeerApi.HEARTBEAT, this::heartbeat,
        PeerApi.SUSPECT, this::suspect);
  }

  /** This node leads, and its image shows all that was committed before its term. */
  public void becameLeader(long term, FormerLeader former) {
    services
        .loop()
        .execute(() -> {
          if (isClosed) {
            return;
          }
          stopWatching();
          MonitoredTerm begun = new MonitoredTerm(self, settings, services, metrics, term);
          watching = begun;
          begun.begin(former);
        });
  }

  public void lostLeadership() {
    services.loop().execute(this::stopWatching);
  }

  /** What is under way is not waited for. */
  @Override
  public void close() {
    services
        .loop()
        .execute(() -> {
          isClosed = true;
          stopWatching();
        });
  }

  private void stopWatching() {
    if (watching != null) {
      watching.end();
      watching = null;
      progress.forgetAll();
    }
  }

  /** How far each broker is that has sent a heartbeat to this leader; empty where it is none. */
  public Map<Integer, BrokerProgress> progress() {
    return progress.at(services.loop().nowMs());
  }

  /** Remembers at which index brokers were fenced: none serves again before it has seen that. */
  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    long index = services.applied().get().leadership().index();
    boolean isFirst = before.leadership().brokers().isEmpty();
    after
        .leadership()
        .forEachChangedBroker(
            before.leadership(),
            (id, was, is) -> {
              if (is != null && is.fenced() && (was == null || isNewlyFenced(was, is))) {
                // Of what was there at the start nobody knows the index.
                note(is, isFirst ? 0 : index);
              }
            });
  }

  private static boolean isNewlyFenced(BrokerImage was, BrokerImage is) {
    return !was.fenced() || was.epoch() != is.epoch();
  }

  private void note(BrokerImage broker, long index) {
    services.loop().execute(() -> fenced.put(broker.id(), new Fenced(broker.epoch(), index)));
  }

  private CompletionStage<byte[]> register(PeerCaller caller, byte[] body) {
    RegisterBroker asked = LivenessCodec.decodeRegister(body);
    if (caller.nodeId() != asked.brokerId() || !caller.incarnation().equals(asked.incarnation())) {
      throw new IllegalArgumentException("node " + caller.nodeId() + " registers another broker");
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    services
        .loop()
        .execute(() -> {
          if (watching == null) {
            answer.complete(LivenessCodec.encode(new RegisterAnswer.NotLeader(leaderId())));
            return;
          }
          watching.register(asked, given -> answer.complete(LivenessCodec.encode(given)));
        });
    return answer;
  }

  private CompletionStage<byte[]> heartbeat(PeerCaller caller, byte[] body) {
    Heartbeat heartbeat = LivenessCodec.decodeHeartbeat(body);
    if (caller.nodeId() != heartbeat.brokerId()) {
      throw new IllegalArgumentException("node " + caller.nodeId() + " beats for another broker");
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    services
        .loop()
        .execute(() -> answer.complete(LivenessCodec.encode(answerTo(caller, heartbeat))));
    return answer;
  }

  private HeartbeatAnswer answerTo(PeerCaller caller, Heartbeat heartbeat) {
    if (watching == null) {
      return new HeartbeatAnswer.NotLeader(leaderId());
    }
    Fenced last = fenced.get(heartbeat.brokerId());
    long fencedAt = last != null && last.brokerEpoch == heartbeat.brokerEpoch() ? last.index : 0;
    HeartbeatAnswer answer = watching.heartbeat(caller.incarnation(), heartbeat, fencedAt);
    if (answer instanceof HeartbeatAnswer.Heard) {
      progress.heard(heartbeat, services.applied().get(), services.loop().nowMs());
    }
    return answer;
  }

  private CompletionStage<byte[]> suspect(PeerCaller caller, byte[] body) {
    Suspect suspect = LivenessCodec.decodeSuspect(body);
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    services
        .loop()
        .execute(() -> {
          if (watching == null) {
            answer.complete(LivenessCodec.encode(new SuspectAnswer.NotLeader(leaderId())));
            return;
          }
          watching.suspect(suspect, caller.nodeId());
          answer.complete(LivenessCodec.encode(new SuspectAnswer.Taken()));
        });
    return answer;
  }

  /** A node that does not watch yet, or no longer, does not name itself. */
  private int leaderId() {
    LeaderFinder.Place leader = leaders.leader();
    return leader == null || leader.nodeId() == self.nodeId() ? -1 : leader.nodeId();
  }
}
