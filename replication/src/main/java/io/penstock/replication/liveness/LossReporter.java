package io.penstock.replication.liveness;

import io.penstock.replication.liveness.LeaderTalk.Reaction;
import io.penstock.replication.liveness.LeaderTalk.Request;
import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.Suspect;
import io.penstock.replication.liveness.message.SuspectAnswer;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.Address;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the leader of {@code leadership} of every connection to a peer that this node has lost, be
 * the leader here, elsewhere, or not elected yet. One report after the other, on the loop; what is
 * older than a session is not worth telling any more, and neither is more than a bound.
 */
public final class LossReporter implements PeerWatcher, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LossReporter.class);
  private static final int REPORTS_MAX = 1_024;
  private static final long RETRY_MS_MAX = 100;

  private final PeerCaller self;
  private final LivenessSettings settings;
  private final LivenessLoop loop;
  private final LeaderTalk talk;
  private final Queue<Report> reports = new ArrayDeque<>();
  private @Nullable Report underWay;

  private record Report(PeerCaller peer, long lostMs) {}

  /**
   * @param monitor this node's, which is told without the network while it leads
   */
  public LossReporter(
      PeerCaller self,
      LivenessSettings settings,
      LivenessServices services,
      LeaderFinder leaders,
      BrokerMonitor monitor) {
    this.self = self;
    this.settings = settings;
    this.loop = services.loop();
    this.talk =
        new LeaderTalk(
            new LeaderLink(self, leaders, services.network(), monitor.handlers()),
            loop,
            new Talk(),
            RETRY_MS_MAX);
  }

  @Override
  public void connectionLost(PeerCaller peer, Address address) {
    if (peer.nodeId() == self.nodeId()) {
      return;
    }
    loop.execute(() -> {
      LOG.debug("Lost a connection: node={} peer={} at={}", self.nodeId(), peer.nodeId(), address);
      add(peer);
    });
  }

  /** There is news of who leads {@code leadership}. */
  public void leadershipChanged() {
    loop.execute(talk::leadershipChanged);
  }

  @Override
  public void close() {
    loop.execute(() -> {
      reports.clear();
      talk.end();
    });
  }

  /** One that waits is told after this loss, so it tells of this one too. */
  private void add(PeerCaller peer) {
    if (reports.size() >= REPORTS_MAX
        || reports.stream().anyMatch(waiting -> waiting.peer.equals(peer))) {
      return;
    }
    reports.add(new Report(peer, loop.nowMs()));
    if (underWay == null) {
      talk.now();
    }
  }

  /** What this node says of its peers. */
  private final class Talk implements LeaderTalk.Topic {

    @Override
    public @Nullable Request next() {
      while (underWay == null || loop.nowMs() - underWay.lostMs > settings.sessionMs()) {
        underWay = reports.poll();
        if (underWay == null) {
          return null;
        }
      }
      PeerCaller lost = underWay.peer;
      return new Request(
          PeerApi.SUSPECT,
          LivenessCodec.encode(new Suspect(lost.nodeId(), lost.incarnation())),
          settings.heartbeatMs());
    }

    @Override
    public Reaction answered(PeerApi api, byte[] answer, long sentMs) {
      return switch (LivenessCodec.decodeSuspectAnswer(answer)) {
        case SuspectAnswer.Taken() -> {
          underWay = null;
          yield new Reaction.NextIn(0);
        }
        case SuspectAnswer.NotLeader(int leaderId) -> new Reaction.NotLeader(leaderId);
      };
    }

    @Override
    public void unheard(String why) {
      LOG.debug("Could not report a lost connection: node={} why={}", self.nodeId(), why);
    }
  }
}
