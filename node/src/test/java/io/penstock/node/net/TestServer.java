package io.penstock.node.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.api.RequestContext;
import io.penstock.node.net.receive.FrameLimiter;
import io.penstock.node.net.receive.MemoryBudget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** A server with made-up handlers; closing it checks that everything was given back. */
final class TestServer implements AutoCloseable {

  private static final int MIB = 1 << 20;
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  final MetricRegistry registry = new MetricRegistry();
  final MemoryBudget budget = new MemoryBudget(64L * MIB);
  final BlockingQueue<RequestContext> parked = new LinkedBlockingQueue<>();
  private final List<ApiHandler> handlers = new ArrayList<>();
  private @Nullable KafkaServer server;

  static ServerSettings settings(boolean nativeTransport, ServerSettings.RequestLimits requests) {
    return new ServerSettings(
        ListenerKind.CLIENTS,
        "PLAINTEXT",
        ANY_PORT,
        2,
        nativeTransport,
        new FrameLimiter(100 * MIB, 8 * MIB, 64 * 1024),
        requests,
        ServerSettings.ConnectionLimits.defaults());
  }

  void on(ApiKeys api, BiConsumer<RequestContext, ApiMessage> action) {
    handlers.add(new TestHandler(api, action));
  }

  void add(ApiHandler handler) {
    handlers.add(handler);
  }

  void start() throws IOException {
    start(settings(true, ServerSettings.RequestLimits.defaults()));
  }

  void start(ServerSettings settings) throws IOException {
    server = new KafkaServer(settings, new ApiHandlers(handlers), budget, registry);
    server.start();
  }

  KafkaServer running() {
    KafkaServer running = server;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return running;
  }

  TestClient client() throws IOException {
    return new TestClient(running().address());
  }

  /** The next request that was parked. */
  RequestContext take() throws InterruptedException {
    RequestContext context = parked.poll(10, TimeUnit.SECONDS);
    if (context == null) {
      throw new IllegalStateException("no request was handled");
    }
    return context;
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    assertEquals(0, budget.usedBytes());
    assertEquals(0, registry.counter("penstock.connections.open").getCount());
  }
}
