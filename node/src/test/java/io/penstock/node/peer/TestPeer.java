package io.penstock.node.peer;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.value.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node as far as its peers know it: a listener, connections, and who was lost. */
final class TestPeer implements AutoCloseable {

  final MetricRegistry metrics = new MetricRegistry();
  final List<PeerCaller> lost = new CopyOnWriteArrayList<>();
  final PeerServer server;
  final PeerConnections connections;
  private volatile Introduction self;
  private boolean started;

  TestPeer(String cluster, int nodeId) {
    this(cluster, nodeId, 0);
  }

  TestPeer(String cluster, int nodeId, int port) {
    Address nowhere = new Address("127.0.0.1", 1);
    self =
        new Introduction(
            cluster,
            null,
            nodeId,
            UUID.randomUUID(),
            UUID.randomUUID(),
            nowhere,
            List.of(),
            Introduction.Plan.NONE);
    server =
        new PeerServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            this::self,
            (peer, _) -> lost.add(peer),
            metrics);
    connections = new PeerConnections(this::self, (peer, _) -> lost.add(peer), metrics);
  }

  TestPeer start() throws IOException {
    server.start();
    started = true;
    Introduction was = self;
    self =
        new Introduction(
            was.clusterName(),
            was.clusterId(),
            was.nodeId(),
            was.directoryId(),
            was.incarnation(),
            new Address("127.0.0.1", server.address().getPort()),
            was.voters(),
            was.plan());
    return this;
  }

  TestPeer ofCluster(UUID clusterId) {
    Introduction was = self;
    self =
        new Introduction(
            was.clusterName(),
            clusterId,
            was.nodeId(),
            was.directoryId(),
            was.incarnation(),
            was.address(),
            was.voters(),
            was.plan());
    return this;
  }

  TestPeer answers(PeerApi api, PeerHandler handler) {
    server.handle(Map.of(api, handler));
    return this;
  }

  Introduction self() {
    return self;
  }

  Address address() {
    return self.address();
  }

  CompletableFuture<byte[]> ask(TestPeer other, PeerApi api, byte... body) {
    return ask(other.address(), api, body);
  }

  CompletableFuture<byte[]> ask(Address to, PeerApi api, byte... body) {
    return connections.ask(to, api, body, 20_000).toCompletableFuture();
  }

  @Override
  public void close() {
    connections.close();
    if (started) {
      server.close();
    }
  }
}
