package io.penstock.replication.observer;

import io.penstock.replication.peer.PeerHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Brings what observers ask to the feed of the group that they ask about. */
public final class FeedHandlers {

  private final List<ObserverFeed<?>> feeds;

  /**
   * @param feeds by number of their group
   */
  public FeedHandlers(List<ObserverFeed<?>> feeds) {
    this.feeds = List.copyOf(feeds);
  }

  public PeerHandler poll() {
    return (caller, body) -> {
      PollRequest request = PollRequest.decode(body);
      if (request.from().nodeId() != caller.nodeId()) {
        return refused("node " + caller.nodeId() + " asks as " + request.from());
      }
      return request.group() < feeds.size()
          ? feeds.get(request.group()).poll(request)
          : refused("there is no group " + request.group());
    };
  }

  public PeerHandler snapshot() {
    return (_, body) -> {
      SnapshotRequest request = SnapshotRequest.decode(body);
      return request.group() < feeds.size()
          ? feeds.get(request.group()).snapshot(request)
          : refused("there is no group " + request.group());
    };
  }

  private static CompletionStage<byte[]> refused(String why) {
    return CompletableFuture.failedFuture(new IllegalArgumentException(why));
  }
}
