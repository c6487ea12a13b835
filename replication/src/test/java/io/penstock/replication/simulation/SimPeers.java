package io.penstock.replication.simulation;

import io.penstock.replication.liveness.message.LivenessCodec;
import io.penstock.replication.liveness.message.ProbeAnswer;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** How one broker asks others whether they are there, which is all that it asks them this way. */
final class SimPeers implements PeerNetwork {

  private static final String HOST = "host";

  private final int self;
  private final SimProcess process;
  private final Simulation simulation;

  SimPeers(int self, SimProcess process, Simulation simulation) {
    this.self = self;
    this.process = process;
    this.simulation = simulation;
  }

  static Address addressOf(int node) {
    return new Address(HOST + node, 9092);
  }

  @Override
  public CompletionStage<byte[]> ask(Address to, PeerApi api, byte[] body, long timeoutMs) {
    if (api != PeerApi.PROBE) {
      throw new AssertionError("nobody answers " + api);
    }
    int node = Integer.parseInt(to.host(), HOST.length(), to.host().length(), 10);
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    simulation.network().send(self, node, () -> arrived(node, answer));
    process.after(
        timeoutMs * SimTime.MS,
        () -> answer.completeExceptionally(new PeerException(Kind.TIMEOUT, "no answer")));
    return answer;
  }

  private void arrived(int node, CompletableFuture<byte[]> answer) {
    SimBroker there = simulation.node(node).broker();
    if (there == null) {
      reply(
          node,
          () -> answer.completeExceptionally(new PeerException(Kind.REFUSED, "nobody listens")));
      return;
    }
    byte[] here =
        LivenessCodec.encode(
            (ProbeAnswer) new ProbeAnswer.Here(node, there.membership().incarnation()));
    there.process().execute(() -> reply(node, () -> answer.complete(here)));
  }

  private void reply(int from, Runnable answer) {
    simulation.network().send(from, self, () -> process.execute(answer));
  }
}
