package io.penstock.replication.liveness;

import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.value.Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * What simulated nodes say to each other, in virtual time: with delays, cuts, refused connections,
 * and word of lost ones. A process that is stopped neither answers nor loses its connections.
 */
final class SimNetwork {

  private static final int DELAY_MS_MAX = 3;

  private final VirtualTime time;
  private final Random random;
  private final Map<Address, SimNode> listeners = new HashMap<>();
  private final Set<Link> cuts = new HashSet<>();
  private final Set<Integer> deaf = new HashSet<>();
  private final Set<Connection> connections = new LinkedHashSet<>();
  private final List<Exchange> underWay = new ArrayList<>();
  private Predicate<Address> vanished = _ -> false;

  /** Two nodes, the lower id first. */
  private record Link(int low, int high) {
    static Link of(int a, int b) {
      return new Link(Math.min(a, b), Math.max(a, b));
    }
  }

  private record Connection(SimNode from, SimNode to) {}

  private record Exchange(SimNode from, SimNode to, CompletableFuture<byte[]> answer) {}

  SimNetwork(VirtualTime time, Random random) {
    this.time = time;
    this.random = random;
  }

  void listen(SimNode node) {
    listeners.put(node.address(), node);
    deaf.remove(node.id());
  }

  void cut(int a, int b) {
    cuts.add(Link.of(a, b));
  }

  void heal(int a, int b) {
    cuts.remove(Link.of(a, b));
  }

  void healAll() {
    cuts.clear();
    deaf.clear();
  }

  /** From now on nothing reaches the node, but what it sends arrives; until it is started again. */
  void deafen(int id) {
    deaf.add(id);
  }

  boolean isDeaf(int id) {
    return deaf.contains(id);
  }

  /** Whether what one node sends reaches the other. */
  boolean passes(int from, int to) {
    return !isCut(from, to) && !isDeaf(to);
  }

  boolean isCut(int a, int b) {
    return cuts.contains(Link.of(a, b));
  }

  boolean hasCuts() {
    return !cuts.isEmpty();
  }

  /** Hosts that are gone with their processes: nobody refuses a connection there. */
  void vanishing(Predicate<Address> hosts) {
    vanished = hosts;
  }

  /** All who were connected to a killed process learn that the connection ended. */
  void lost(SimNode gone) {
    for (Connection each : List.copyOf(connections)) {
      if (each.from == gone || each.to == gone) {
        connections.remove(each);
        tell(each.from == gone ? each.to : each.from, gone);
      }
    }
    endExchanges(each -> each.to == gone);
  }

  /** Connections between two living processes end. */
  void breakConnection(SimNode a, SimNode b) {
    connections.remove(new Connection(a, b));
    connections.remove(new Connection(b, a));
    endExchanges(each -> (each.to == a && each.from == b) || (each.to == b && each.from == a));
    tell(a, b);
    tell(b, a);
  }

  private void endExchanges(Predicate<Exchange> ended) {
    for (Exchange each : underWay.stream().filter(ended).toList()) {
      if (passes(each.to.id(), each.from.id())) {
        deliver(
            each.from,
            () -> each.answer.completeExceptionally(new PeerException(Kind.LOST, "hung up")));
      }
    }
  }

  private void tell(SimNode node, SimNode lost) {
    if (passes(lost.id(), node.id())) {
      deliver(node, () -> node.reporter().connectionLost(lost.caller(), lost.address()));
    }
  }

  private void deliver(SimNode to, Runnable arrival) {
    time.after(random.nextInt(DELAY_MS_MAX + 1), () -> to.process().run(arrival));
  }

  CompletionStage<byte[]> ask(SimNode from, Address to, PeerApi api, byte[] body, long timeoutMs) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    from.process()
        .after(
            timeoutMs,
            () -> answer.completeExceptionally(new PeerException(Kind.TIMEOUT, "no answer")));
    SimNode target = listeners.get(to);
    if (target == null || (target.process().isKilled() && !isCut(from.id(), target.id()))) {
      Kind kind = vanished.test(to) ? Kind.UNREACHABLE : Kind.REFUSED;
      deliver(from, () -> answer.completeExceptionally(new PeerException(kind, "nobody at " + to)));
      return answer;
    }
    if (!passes(from.id(), target.id())) {
      return answer;
    }
    connections.add(new Connection(from, target));
    Exchange exchange = new Exchange(from, target, answer);
    underWay.add(exchange);
    var _ = answer.whenComplete((_, _) -> underWay.remove(exchange));
    deliver(target, () -> serve(from, target, api, body, answer));
    return answer;
  }

  private void serve(
      SimNode from, SimNode target, PeerApi api, byte[] body, CompletableFuture<byte[]> answer) {
    if (!passes(from.id(), target.id())) {
      return;
    }
    PeerHandler handler = target.handlers().get(api);
    if (handler == null) {
      throw new IllegalStateException("no handler for " + api);
    }
    var _ =
        handler
            .handle(from.caller(), body)
            .whenComplete((bytes, failure) -> {
              if (target.process().isKilled() || !passes(target.id(), from.id())) {
                return;
              }
              deliver(
                  from,
                  () -> {
                    if (failure == null) {
                      answer.complete(bytes);
                    } else {
                      answer.completeExceptionally(new PeerException(Kind.FAILED, "" + failure));
                    }
                  });
            });
  }
}
