package io.penstock.replication.liveness;

import io.penstock.replication.liveness.LeaderFinder.Place;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Finds the leader of {@code leadership}: where it was last, where others say it is, or else by
 * asking one voter after the other. Used on the loop; a leader on this node is asked without the
 * network.
 */
final class LeaderLink {

  private static final int NOBODY = -1;

  private final PeerCaller self;
  private final LeaderFinder finder;
  private final PeerNetwork network;
  private final Map<PeerApi, PeerHandler> here;
  private @Nullable Place found;
  private int failedId = NOBODY;
  private int turn;

  /**
   * @param here what this node answers with where it leads itself
   */
  LeaderLink(
      PeerCaller self, LeaderFinder finder, PeerNetwork network, Map<PeerApi, PeerHandler> here) {
    this.self = self;
    this.finder = finder;
    this.network = network;
    this.here = here;
  }

  /** Whom to ask next, or null where nobody is known at all. */
  @Nullable Place next() {
    Place likely = found == null ? finder.leader() : found;
    if (likely != null && likely.nodeId() != failedId) {
      return likely;
    }
    List<Place> voters = finder.voters();
    if (voters.isEmpty()) {
      return likely;
    }
    Place next = voters.get(turn++ % voters.size());
    return next.nodeId() == failedId ? voters.get(turn++ % voters.size()) : next;
  }

  CompletionStage<byte[]> ask(Place to, PeerApi api, byte[] body, long timeoutMs) {
    if (to.nodeId() != self.nodeId()) {
      return network.ask(to.address(), api, body, timeoutMs);
    }
    PeerHandler handler = here.get(api);
    return handler == null
        ? CompletableFuture.failedFuture(new IllegalStateException("no " + api + " here"))
        : handler.handle(self, body);
  }

  void leads(Place place) {
    found = place;
    failedId = NOBODY;
  }

  void failed(Place place) {
    found = null;
    failedId = place.nodeId();
  }

  /**
   * @param leaderId whom it names, or -1
   */
  void notLeader(Place place, int leaderId) {
    failedId = place.nodeId();
    found = leaderId == place.nodeId() ? null : voter(leaderId);
  }

  /** There is news of who leads. */
  void forget() {
    found = null;
    failedId = NOBODY;
  }

  private @Nullable Place voter(int nodeId) {
    for (Place voter : finder.voters()) {
      if (voter.nodeId() == nodeId) {
        return voter;
      }
    }
    return null;
  }
}
