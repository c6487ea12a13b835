package io.penstock.node.peer;

import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerHandler;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who answers what. Parts of the node add themselves as they start; what is asked for before is
 * answered so that the caller tries again. Any thread.
 */
final class PeerHandlers {

  private final Map<PeerApi, PeerHandler> handlers = new ConcurrentHashMap<>();

  void add(PeerApi api, PeerHandler handler) {
    if (api == PeerApi.HELLO) {
      throw new IllegalArgumentException("HELLO is answered by the connection");
    }
    if (handlers.putIfAbsent(api, handler) != null) {
      throw new IllegalStateException("two handlers of " + api);
    }
  }

  @Nullable PeerHandler find(PeerApi api) {
    return handlers.get(api);
  }
}
