package io.penstock.node;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.config.HostPort;
import io.penstock.node.peer.PeerConnections;
import io.penstock.node.peer.PeerServer;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.peer.PeerWatcher;
import io.penstock.replication.value.Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * This node among its peers: the listener, the connections, and who is told of those that are lost.
 * Opened before anything else can be, since nodes have to find each other first.
 */
final class PeerSide implements AutoCloseable {

  private final PeerServer server;
  private final PeerConnections connections;
  private final List<PeerWatcher> watchers = new CopyOnWriteArrayList<>();

  PeerSide(HostPort address, SelfIntroduction self, MetricRegistry metrics) {
    this.server =
        new PeerServer(
            new InetSocketAddress(address.host(), address.port()), self, this::lost, metrics);
    this.connections = new PeerConnections(self, this::lost, metrics);
  }

  /** Fails where the address cannot be had. */
  void start() throws IOException {
    server.start();
  }

  PeerNetwork network() {
    return connections;
  }

  /** Answers requests of these kinds from now on. */
  void handle(Map<PeerApi, PeerHandler> handlers) {
    server.handle(handlers);
  }

  /** Serves followers' fetches, as clients', with these from now on. */
  void serveFetches(ApiHandlers handlers) {
    server.serveFetches(handlers);
  }

  /** Tells followers from now on to come again later. */
  void stopFetches() {
    server.stopFetches();
  }

  /** Whom to tell of connections that are lost elsewhere. */
  PeerWatcher watcher() {
    return this::lost;
  }

  /** Has lost connections told from now on. */
  void watch(PeerWatcher watcher) {
    watchers.add(watcher);
  }

  private void lost(PeerCaller peer, Address address) {
    for (PeerWatcher watcher : watchers) {
      watcher.connectionLost(peer, address);
    }
  }

  @Override
  public void close() {
    connections.close();
    server.close();
  }
}
