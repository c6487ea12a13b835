package io.penstock.node.peer;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.net.KafkaServer;
import io.penstock.node.net.ListenerKind;
import io.penstock.node.net.ServerSettings;
import io.penstock.node.net.receive.FrameLimiter;
import io.penstock.node.net.receive.MemoryBudget;
import io.penstock.replication.peer.Introduction;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerWatcher;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The listener for the other nodes. It speaks Kafka's framing and knows three of its APIs, one of
 * which carries ours, and one the records for followers; a client finds nothing here, and a node
 * nothing on the clients' listener. Handlers may be added while it runs.
 */
public final class PeerServer implements AutoCloseable {

  private static final int MIB = 1 << 20;
  private static final int FRAME_BYTES_MAX = 16 * MIB;
  private static final int FIRST_FRAME_BYTES_MAX = 64 << 10;
  private static final long MEMORY_BYTES_MAX = 64L * MIB;
  private static final int CONNECTIONS_MAX = 8_192;
  private static final int IN_FLIGHT_MAX = 128;

  /** Of a connection; a follower has one fetch under way on each. */
  private static final long REGION_BYTES_MAX = 64L * MIB;

  /** Records on their way to followers leave the other loops to what must not wait. */
  private static final int EVENT_LOOPS_MIN = 2;

  private static final int EVENT_LOOPS_MAX = 8;

  /** Answers that the socket has not taken: one of the longest, and what others add meanwhile. */
  private static final int UNSENT_BYTES_MAX = 2 * FRAME_BYTES_MAX;

  private static final long STALLED_FRAME_MS = 30_000;

  /** Long, because an end that this side makes looks like a death to the other. */
  private static final long IDLE_MS = TimeUnit.HOURS.toMillis(2);

  private final PeerHandlers handlers = new PeerHandlers();
  private final PeerFetchHandler fetches = new PeerFetchHandler();
  private final KafkaServer server;

  /**
   * Opens nothing yet.
   *
   * @param self what this node says of itself at the moment of asking
   * @param watcher told of peers whose connections end
   */
  public PeerServer(
      InetSocketAddress address,
      Supplier<Introduction> self,
      PeerWatcher watcher,
      MetricRegistry metrics) {
    PeerGate gate = new PeerGate(self, System::nanoTime);
    List<ApiHandler> table = new ArrayList<>();
    table.add(new EnvelopeHandler(handlers, gate, watcher, metrics));
    table.add(fetches);
    table.add(new PeerVersionsHandler(table));
    this.server =
        new KafkaServer(
            settings(address), new ApiHandlers(table), new MemoryBudget(MEMORY_BYTES_MAX), metrics);
  }

  private static ServerSettings settings(InetSocketAddress address) {
    return new ServerSettings(
        ListenerKind.PEERS,
        "PEER",
        address,
        Math.clamp(Runtime.getRuntime().availableProcessors(), EVENT_LOOPS_MIN, EVENT_LOOPS_MAX),
        true,
        new FrameLimiter(FRAME_BYTES_MAX, FRAME_BYTES_MAX, FIRST_FRAME_BYTES_MAX),
        new ServerSettings.RequestLimits(
            IN_FLIGHT_MAX, REGION_BYTES_MAX, UNSENT_BYTES_MAX, STALLED_FRAME_MS),
        new ServerSettings.ConnectionLimits(CONNECTIONS_MAX, CONNECTIONS_MAX, IDLE_MS));
  }

  /** Answers requests of these kinds from now on. */
  public void handle(Map<PeerApi, PeerHandler> more) {
    more.forEach(handlers::add);
  }

  /** Serves followers' fetches with the handler among these that serves clients' from now on. */
  public void serveFetches(ApiHandlers clients) {
    ApiHandler handler = clients.find(ApiKeys.FETCH.id);
    if (handler == null) {
      throw new IllegalArgumentException("no handler of fetches");
    }
    fetches.serveWith(handler);
  }

  /** Tells followers from now on to come again later. */
  public void stopFetches() {
    fetches.stop();
  }

  /** Fails where the address cannot be had. */
  public void start() throws IOException {
    server.start();
  }

  /** The address that is listened on, with the port that was chosen. */
  public InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void close() {
    server.close();
  }
}
