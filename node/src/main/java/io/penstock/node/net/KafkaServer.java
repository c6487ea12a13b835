package io.penstock.node.net;

import com.codahale.metrics.MetricRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.api.Loop;
import io.penstock.node.net.receive.MemoryBudget;
import io.penstock.node.net.region.RegionSender;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for Kafka clients, or for nodes that speak as they do, and runs the event loops. Owns the
 * loops and all connections. Started once and closed once, by one thread:
 *
 * <pre>NEW --start--> RUNNING --close--> CLOSED</pre>
 */
public final class KafkaServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KafkaServer.class);
  private static final int BACKLOG = 1024;

  /** With the region's bytes per call, 4 MiB of one connection before the loop serves others. */
  private static final int WRITES_PER_ROUND = 4;

  private static final long SWEEP_MS_MAX = 2_000;
  private static final long SHUTDOWN_SECONDS = 5;

  private enum State {
    NEW,
    RUNNING,
    CLOSED
  }

  private final ServerSettings settings;
  private final ListenerContext listener;
  private final ConnectionAdmission admission;
  private final NetMetrics metrics;
  private final RateLimitedLog pipeLog =
      new RateLimitedLog(log, TimeUnit.SECONDS.toNanos(10), System::nanoTime);
  private final Map<EventLoop, NetworkLoop> loops = new HashMap<>();
  private State state = State.NEW;
  private @Nullable MultiThreadIoEventLoopGroup group;
  private @Nullable Channel channel;

  public KafkaServer(
      ServerSettings settings, ApiHandlers handlers, MemoryBudget budget, MetricRegistry registry) {
    this.settings = settings;
    this.metrics = new NetMetrics(registry, settings.kind());
    RequestDispatcher dispatcher = new RequestDispatcher(handlers, metrics);
    this.listener = new ListenerContext(settings, dispatcher, budget, metrics);
    this.admission = new ConnectionAdmission(settings.connections());
    metrics.gauge("network.memory.used", budget::usedBytes);
    metrics.gauge("network.memory.waiting", budget::waitingClaims);
  }

  /** Starts the loops and listens. Fails where the address cannot be had. */
  public void start() throws IOException {
    if (state != State.NEW) {
      throw new IllegalStateException("state=" + state);
    }
    Transport transport = Transport.choose(settings.nativeTransport());
    metrics.gauge("network.native", () -> transport == Transport.EPOLL ? 1 : 0);
    MultiThreadIoEventLoopGroup started =
        new MultiThreadIoEventLoopGroup(
            settings.eventLoops(),
            new DefaultThreadFactory(settings.kind().threadName(), false),
            transport.ioHandlers());
    group = started;
    state = State.RUNNING;
    for (EventExecutor executor : started) {
      addLoop((EventLoop) executor, transport);
    }
    ChannelFuture bound = bootstrap(started, transport).bind(settings.address());
    bound.awaitUninterruptibly();
    if (!bound.isSuccess()) {
      close();
      throw new IOException("Cannot listen on " + settings.address(), bound.cause());
    }
    channel = bound.channel();
    log.info(
        "Listening: listener={} address={} transport={} loops={}",
        settings.listener(),
        address(),
        transport,
        settings.eventLoops());
  }

  /** The address that is listened on, with the port that was chosen. */
  public InetSocketAddress address() {
    Channel listening = channel;
    if (listening == null) {
      throw new IllegalStateException("state=" + state);
    }
    return (InetSocketAddress) listening.localAddress();
  }

  /** The event loops, for those who have to wake requests of them. */
  public List<Loop> loops() {
    return List.copyOf(loops.values());
  }

  /** No new connections from here on; those that are open go on. */
  public void stopAccepting() {
    Channel listening = channel;
    if (listening != null) {
      listening.close().awaitUninterruptibly();
    }
  }

  /**
   * Has requests wait in their sockets until {@link #goOn}; those that were taken up are answered
   * as ever. Completes when no loop takes up another one.
   */
  public CompletionStage<Void> hold() {
    List<CompletableFuture<Void>> held = new ArrayList<>();
    for (NetworkLoop loop : loops.values()) {
      CompletableFuture<Void> each = new CompletableFuture<>();
      Runnable done = () -> each.complete(null);
      loop.executeOrElse(
          () -> {
            loop.hold();
            done.run();
          },
          done);
      held.add(each);
    }
    return CompletableFuture.allOf(held.toArray(CompletableFuture[]::new));
  }

  /** Takes up requests again. */
  public void goOn() {
    for (NetworkLoop loop : loops.values()) {
      loop.execute(loop::goOn);
    }
  }

  /**
   * Ends the connections on which nothing is under way, so that whoever is at the other end asks
   * the cluster anew whom to talk to. What had been sent before is taken up first, if requests are.
   */
  public void endIdle() {
    for (NetworkLoop loop : loops.values()) {
      loop.execute(loop::endIdle);
    }
  }

  @Override
  public void close() {
    if (state != State.RUNNING) {
      state = State.CLOSED;
      return;
    }
    state = State.CLOSED;
    stopAccepting();
    for (NetworkLoop loop : loops.values()) {
      loop.execute(() -> loop.connections().forEach(Connection::closeNow));
    }
    MultiThreadIoEventLoopGroup running = group;
    if (running != null) {
      running.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }
    for (NetworkLoop loop : loops.values()) {
      RegionSender sender = loop.sender();
      if (sender != null) {
        sender.close();
      }
    }
  }

  private void addLoop(EventLoop eventLoop, Transport transport) {
    RegionSender sender = transport == Transport.EPOLL ? new RegionSender(this::noteNoPipe) : null;
    NetworkLoop loop = new NetworkLoop(eventLoop, metrics, sender);
    loops.put(eventLoop, loop);
    long shortestMs =
        Math.min(settings.requests().stalledFrameMs(), settings.connections().idleMs());
    loop.sweepEvery(Math.clamp(shortestMs / 4, 1, SWEEP_MS_MAX));
  }

  private void noteNoPipe(IOException cause) {
    metrics.sentWithoutPipe();
    pipeLog.warn(
        "No pipe to splice a response through, sendfile is used: cause={}", cause.toString());
  }

  private ServerBootstrap bootstrap(MultiThreadIoEventLoopGroup loopGroup, Transport transport) {
    ServerSettings.RequestLimits limits = settings.requests();
    int high = limits.bufferBytesMax();
    return new ServerBootstrap()
        .group(loopGroup)
        .channel(transport.serverChannel())
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, settings.kind().halfClosure())
        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.WRITE_SPIN_COUNT, WRITES_PER_ROUND)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / 2, high))
        .childHandler(new PipelineInitializer(listener, admission, loops));
  }
}
