package io.penstock.replication.observer;

import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Nodes on one thread and a clock of the test: requests and answers take time, or are lost. */
public final class SimulatedNetwork {

  private final ManualTasks time;
  private final Random random;
  private final Map<Address, Map<PeerApi, PeerHandler>> handlers = new HashMap<>();
  private final Set<Set<Address>> cuts = new HashSet<>();
  private long delayMaxMs = 1;
  private double loss;

  public SimulatedNetwork(ManualTasks time, Random random) {
    this.time = time;
    this.random = random;
  }

  public static Address address(int node) {
    return new Address("node" + node, 9093);
  }

  public void delays(long maxMs) {
    delayMaxMs = maxMs;
  }

  public void loses(double share) {
    loss = share;
  }

  public void serve(int node, PeerApi api, PeerHandler handler) {
    handlers.computeIfAbsent(address(node), _ -> new HashMap<>()).put(api, handler);
  }

  /** Nobody listens there from now on. */
  public void stop(int node) {
    handlers.remove(address(node));
  }

  public void cut(int a, int b) {
    cuts.add(Set.of(address(a), address(b)));
  }

  public void heal() {
    cuts.clear();
    loss = 0;
  }

  /** The network as a node sees it. */
  public PeerNetwork of(int node) {
    PeerCaller caller = new PeerCaller(node, new UUID(node, 1));
    return (to, api, body, timeoutMs) -> {
      CompletableFuture<byte[]> answer = new CompletableFuture<>();
      Tasks.Handle timeout =
          time.runAfter(timeoutMs, () -> fail(answer, PeerException.Kind.TIMEOUT));
      var _ = answer.whenComplete((_, _) -> timeout.cancel());
      carry(address(node), to, () -> arrive(caller, to, api, body, answer));
      return answer;
    };
  }

  private void arrive(
      PeerCaller caller, Address to, PeerApi api, byte[] body, CompletableFuture<byte[]> answer) {
    Address from = address(caller.nodeId());
    PeerHandler handler = handlers.getOrDefault(to, Map.of()).get(api);
    if (handler == null) {
      carry(to, from, () -> fail(answer, PeerException.Kind.REFUSED));
      return;
    }
    var _ =
        handler
            .handle(caller, body)
            .whenComplete((bytes, failure) ->
                carry(
                    to,
                    from,
                    () -> {
                      if (failure == null) {
                        answer.complete(bytes);
                      } else {
                        fail(answer, PeerException.Kind.FAILED);
                      }
                    }));
  }

  private void carry(Address from, Address to, Runnable arrival) {
    if (random.nextDouble() < loss) {
      return;
    }
    time.runAfter(
        1 + random.nextLong(delayMaxMs),
        () -> {
          if (!cuts.contains(Set.of(from, to))) {
            arrival.run();
          }
        });
  }

  private static void fail(CompletableFuture<byte[]> answer, PeerException.Kind kind) {
    answer.completeExceptionally(new PeerException(kind, "simulated"));
  }
}
