package io.penstock.node.replica;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.api.RequestContext;
import io.penstock.node.peer.PeerServer;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.value.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** A leader node as far as followers see it, whose answers a test makes. */
final class ScriptedLeader implements ApiHandler, AutoCloseable {

  final List<FetchRequestData> requests = new CopyOnWriteArrayList<>();
  final List<PeerCaller> lost = new CopyOnWriteArrayList<>();
  private final int nodeId;
  private final String cluster;
  private final PeerServer server;
  private volatile Function<FetchRequestData, FetchResponseData> script =
      _ -> new FetchResponseData();

  private volatile boolean parks;

  ScriptedLeader(String cluster, int nodeId) throws IOException {
    this.cluster = cluster;
    this.nodeId = nodeId;
    this.server =
        new PeerServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> introduction(cluster, nodeId),
            (peer, _) -> lost.add(peer),
            new MetricRegistry());
    server.start();
  }

  static Introduction introduction(String cluster, int nodeId) {
    return new Introduction(
        cluster,
        null,
        nodeId,
        new UUID(1, nodeId),
        new UUID(2, nodeId),
        new Address("127.0.0.1", 1),
        List.of(),
        Introduction.Plan.NONE);
  }

  ScriptedLeader serving() {
    server.serveFetches(new ApiHandlers(List.of(this)));
    return this;
  }

  /** Fetches are answered only when something else comes on their connection. */
  void parks() {
    parks = true;
  }

  void answers(Function<FetchRequestData, FetchResponseData> answer) {
    script = answer;
  }

  Address address() {
    return new Address("127.0.0.1", server.address().getPort());
  }

  FetchRequestData lastRequest() {
    return requests.getLast();
  }

  @Override
  public ApiKeys api() {
    return ApiKeys.FETCH;
  }

  @Override
  public short lowestVersion() {
    return 4;
  }

  @Override
  public short highestVersion() {
    return 18;
  }

  @Override
  public void handle(RequestContext context, ApiMessage request) {
    FetchRequestData fetch = (FetchRequestData) request;
    requests.add(fetch.duplicate());
    if (parks) {
      context.whenFollowed(() -> context.respond(script.apply(fetch)));
      return;
    }
    context.respond(script.apply(fetch));
  }

  @Override
  public void close() {
    server.close();
  }

  @Override
  public String toString() {
    return "leader " + nodeId + " of " + cluster;
  }
}
