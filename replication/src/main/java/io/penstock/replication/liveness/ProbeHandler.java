package io.penstock.replication.liveness;

import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.Probe;
import io.penstock.replication.liveness.message.ProbeAnswer;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * Answers PROBE on every node: who it is, or what it finds at another's address. Has no state, so
 * that it answers as long as the process runs at all.
 */
public final class ProbeHandler implements PeerHandler {

  /** Second opinions that may be under way; more are refused, which counts as none. */
  private static final int OPINIONS_AT_ONCE_MAX = 64;

  private final PeerCaller self;
  private final Prober prober;
  private final long probeMs;
  private final Semaphore opinions = new Semaphore(OPINIONS_AT_ONCE_MAX);

  public ProbeHandler(PeerCaller self, LivenessSettings settings, PeerNetwork network) {
    this.self = self;
    this.prober = new Prober(self, network);
    this.probeMs = settings.probeMs();
  }

  @Override
  public CompletionStage<byte[]> handle(PeerCaller caller, byte[] body) {
    Probe.Target target = LivenessCodec.decodeProbe(body).target();
    if (target == null) {
      return CompletableFuture.completedFuture(
          LivenessCodec.encode(new ProbeAnswer.Here(self.nodeId(), self.incarnation())));
    }
    if (!opinions.tryAcquire()) {
      return CompletableFuture.failedFuture(new IllegalStateException("too many probes at once"));
    }
    return prober
        .probe(target, probeMs)
        .whenComplete((_, _) -> opinions.release())
        .thenApply(outcome -> LivenessCodec.encode(new ProbeAnswer.Found(outcome)));
  }
}
