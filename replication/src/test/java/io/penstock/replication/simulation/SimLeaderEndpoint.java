package io.penstock.replication.simulation;

import io.penstock.replication.follower.LeaderAnswer;
import io.penstock.replication.follower.LeaderEndpoint;
import io.penstock.replication.follower.ReplicaFetch;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A follower's connection to a leader node, made again after each failure. What was asked on an
 * earlier one may still arrive, long after; what was answered there is not taken any more.
 */
@SuppressWarnings("ReferenceEquality") // connections and fetches are the same or not
final class SimLeaderEndpoint implements LeaderEndpoint {

  private static final int ANSWER_MS_MAX = 1_200;

  private final SimBroker follower;
  private final int leader;
  private final Simulation simulation;
  private @Nullable Link link;
  private boolean closed;

  /** One connection between two processes. */
  private final class Link {
    final long number = simulation.nextNumber();
    final SimBroker server;
    final SimNetwork.Connection there;
    final SimNetwork.Connection back;
    @Nullable CompletableFuture<LeaderAnswer> underWay;

    Link(SimBroker server) {
      this.server = server;
      this.there = new SimNetwork.Connection(follower.node(), leader);
      this.back = new SimNetwork.Connection(leader, follower.node());
    }
  }

  SimLeaderEndpoint(SimBroker follower, int leader, Simulation simulation) {
    this.follower = follower;
    this.leader = leader;
    this.simulation = simulation;
  }

  @Override
  public CompletionStage<LeaderAnswer> fetch(ReplicaFetch fetch) {
    if (closed) {
      return CompletableFuture.failedStage(new PeerException(Kind.CLOSED, "closed"));
    }
    Link used = link;
    if (used != null && used.underWay != null) {
      throw new AssertionError("asked again before the answer");
    }
    CompletableFuture<LeaderAnswer> result = new CompletableFuture<>();
    if (used == null) {
      if (!fetch.fresh()) {
        return CompletableFuture.failedStage(new PeerException(Kind.LOST, "connection was lost"));
      }
      SimBroker server = simulation.node(leader).broker();
      if (server == null) {
        refuse(result);
        return result;
      }
      used = new Link(server);
      link = used;
    }
    used.underWay = result;
    send(used, fetch, result);
    return result;
  }

  private void refuse(CompletableFuture<LeaderAnswer> result) {
    boolean isCut = !simulation.network().isWhole(follower.node(), leader);
    follower
        .process()
        .after(
            isCut ? ANSWER_MS_MAX * SimTime.MS : 1_000,
            () ->
                result.completeExceptionally(
                    new PeerException(isCut ? Kind.UNREACHABLE : Kind.REFUSED, "nobody there")));
  }

  private void send(Link used, ReplicaFetch fetch, CompletableFuture<LeaderAnswer> result) {
    simulation
        .network()
        .send(
            used.there,
            () ->
                used.server
                    .process()
                    .execute(() ->
                        used.server
                            .leaderServer()
                            .serve(
                                follower.node(),
                                used.number,
                                fetch,
                                answer -> reply(used, result, answer))));
    follower
        .process()
        .after(
            (fetch.maxWaitMs() + ANSWER_MS_MAX) * SimTime.MS,
            () -> fail(used, result, Kind.TIMEOUT));
  }

  private void reply(Link used, CompletableFuture<LeaderAnswer> result, LeaderAnswer answer) {
    simulation
        .network()
        .send(
            used.back,
            () ->
                follower
                    .process()
                    .execute(() -> {
                      if (used != link || used.underWay != result) {
                        answer.close();
                        return;
                      }
                      used.underWay = null;
                      result.complete(answer);
                    }));
  }

  private void fail(Link used, CompletableFuture<LeaderAnswer> result, Kind kind) {
    if (used == link && used.underWay == result) {
      link = null;
      result.completeExceptionally(new PeerException(kind, "the connection ended"));
    }
  }

  @Override
  public void hurry() {
    Link used = link;
    if (used != null) {
      simulation
          .network()
          .send(
              used.there,
              () ->
                  used.server
                      .process()
                      .execute(() -> used.server.leaderServer().hurry(used.number)));
    }
  }

  /** The process at the other end has died. */
  void serverDied(SimBroker server) {
    Link used = link;
    if (used == null || used.server != server) {
      return;
    }
    CompletableFuture<LeaderAnswer> waiting = used.underWay;
    if (waiting == null) {
      link = null;
    } else {
      fail(used, waiting, Kind.LOST);
    }
  }

  @Override
  public void close() {
    closed = true;
    Link used = link;
    CompletableFuture<LeaderAnswer> waiting = used == null ? null : used.underWay;
    if (used != null && waiting != null) {
      fail(used, waiting, Kind.CLOSED);
    }
  }
}
