package io.penstock.replication.liveness;

import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.Probe;
import io.penstock.replication.liveness.message.Probe.Target;
import io.penstock.replication.liveness.message.ProbeAnswer;
import io.penstock.replication.liveness.message.ProbeOutcome;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Finds out whether a process is still where it was. Any thread; its stages never fail. */
public final class Prober {

  private final PeerCaller self;
  private final PeerNetwork network;

  public Prober(PeerCaller self, PeerNetwork network) {
    this.self = self;
    this.network = network;
  }

  /** What is found at the target; {@code SILENT} where nothing tells. */
  public CompletionStage<ProbeOutcome> probe(Target target, long timeoutMs) {
    if (target.nodeId() == self.nodeId()) {
      return CompletableFuture.completedFuture(compare(target, self.nodeId(), self.incarnation()));
    }
    return ask(target.address(), Probe.OF_RECEIVER, timeoutMs)
        .handle((answer, failure) ->
            switch (answer) {
              case null -> outcomeOf(failure);
              case ProbeAnswer.Here here -> compare(target, here.nodeId(), here.incarnation());
              case ProbeAnswer.Found _ -> ProbeOutcome.SILENT;
            });
  }

  /** What the node at {@code other} finds; {@code SILENT} where it does not say. */
  CompletionStage<ProbeOutcome> secondOpinion(Address other, Target target, long timeoutMs) {
    return ask(other, new Probe(target), timeoutMs)
        .handle((answer, _) ->
            answer instanceof ProbeAnswer.Found(ProbeOutcome outcome)
                ? outcome
                : ProbeOutcome.SILENT);
  }

  private CompletionStage<ProbeAnswer> ask(Address to, Probe probe, long timeoutMs) {
    return network
        .ask(to, PeerApi.PROBE, LivenessCodec.encode(probe), timeoutMs)
        .thenApply(LivenessCodec::decodeProbeAnswer);
  }

  private static ProbeOutcome compare(Target target, int nodeId, UUID incarnation) {
    return target.nodeId() == nodeId && target.incarnation().equals(incarnation)
        ? ProbeOutcome.SAME_PROCESS
        : ProbeOutcome.OTHER_PROCESS;
  }

  private static ProbeOutcome outcomeOf(@Nullable Throwable failure) {
    PeerException.Kind kind = failure == null ? null : Failures.kind(failure);
    return switch (kind) {
      case REFUSED -> ProbeOutcome.REFUSED;
      case UNREACHABLE -> ProbeOutcome.UNREACHABLE;
      case LOST -> ProbeOutcome.LOST;
      // Somebody is there, or this node could not even ask: neither says that the process is gone.
      case TIMEOUT, REJECTED, UNSUPPORTED, FAILED, BUSY, CLOSED -> ProbeOutcome.SILENT;
      case null -> ProbeOutcome.SILENT;
    };
  }
}
