package io.penstock.replication.liveness;

import io.penstock.replication.liveness.LeaderFinder.Place;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Finds the leader of {@code leadership}: where it was last, where others say it is, or else by
 * asking all voters, none twice before the others. Used on the loop; a leader on this node is asked
 * without the network.
 */
final class LeaderLink {

  private final PeerCaller self;
  private final LeaderFinder finder;
  private final PeerNetwork network;
  private final Map<PeerApi, PeerHandler> here;
  private final Set<Integer> triedInVain = new HashSet<>();
  private @Nullable Place found;

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
    if (!hasUntried()) {
      triedInVain.clear();
    }
    return untried();
  }

  /** Whether there is somebody who was not asked in vain, since all of them were. */
  boolean hasUntried() {
    return untried() != null;
  }

  private @Nullable Place untried() {
    Place likely = found == null ? finder.leader() : found;
    if (likely != null && !triedInVain.contains(likely.nodeId())) {
      return likely;
    }
    for (Place voter : finder.voters()) {
      if (!triedInVain.contains(voter.nodeId())) {
        return voter;
      }
    }
    return null;
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
    triedInVain.clear();
  }

  void failed(Place place) {
    found = null;
    triedInVain.add(place.nodeId());
  }

  /**
   * @param leaderId whom it names, or -1
   */
  void notLeader(Place place, int leaderId) {
    triedInVain.add(place.nodeId());
    found = voter(leaderId);
  }

  /** Who had no answer for the last thing that there was to say may have one for the next. */
  void startOver() {
    triedInVain.clear();
  }

  /** There is news of who leads. */
  void forget() {
    found = null;
    triedInVain.clear();
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
