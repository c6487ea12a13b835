package io.penstock.node.admin.http;

import com.codahale.metrics.MetricRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Serves {@link Pages} on a socket that listens already. Owns one event loop, the threads that make
 * answers, and all connections; they are there from the start to the close. NIO, not epoll: a few
 * clients each few seconds are not worth native code.
 */
public final class HttpListener implements AutoCloseable {

  private static final int WORKERS = 2;
  private static final int TASKS_MAX = 256;
  private static final long WORKER_IDLE_SECONDS = 30;
  private static final long SHUTDOWN_SECONDS = 2;

  /** What is read at a time, which bounds what one read can hold of requests. */
  private static final int READ_BYTES = 4 << 10;

  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("penstock-admin", true), NioIoHandler.newFactory());
  private final ThreadPoolExecutor workers =
      new ThreadPoolExecutor(
          WORKERS,
          WORKERS,
          WORKER_IDLE_SECONDS,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(TASKS_MAX),
          Thread.ofPlatform().name("penstock-admin-answers-", 0).daemon().factory());

  /** Serves from now on; what the socket has accepted before is served, too. */
  public HttpListener(
      ServerSocketChannel socket,
      Pages pages,
      HostRule hosts,
      HttpLimits limits,
      MetricRegistry registry) {
    workers.allowCoreThreadTimeOut(true);
    OpenConnections open = new OpenConnections(limits.connections(), limits.answers());
    HttpMetrics metrics = new HttpMetrics(registry);
    metrics.show(open::count);
    HttpConnection.Services services =
        new HttpConnection.Services(
            pages, hosts, workers, limits, new Semaphore(limits.answers()), open, metrics);
    new ServerBootstrap()
        .group(loop)
        .channelFactory(() -> new NioServerSocketChannel(socket))
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
        .childHandler(new Initializer(services))
        .register()
        .syncUninterruptibly();
  }

  /** Closes every connection, in the middle of an answer, too. */
  @Override
  public void close() {
    workers.shutdownNow();
    loop.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Makes the pipeline of a connection, or turns it away. */
  private static final class Initializer extends ChannelInitializer<SocketChannel> {
    private final HttpConnection.Services services;

    private Initializer(HttpConnection.Services services) {
      this.services = services;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      HttpConnection connection = new HttpConnection(services, channel);
      if (!services.open().admit(connection)) {
        services.metrics().gaveWay();
        var _ = channel.close();
        return;
      }
      HttpLimits limits = services.limits();
      HttpDecoderConfig bounds =
          new HttpDecoderConfig()
              .setMaxInitialLineLength(limits.lineBytes())
              .setMaxHeaderSize(limits.headerBytes())
              .setMaxChunkSize(READ_BYTES);
      channel.pipeline().addLast(new HttpServerCodec(bounds), connection);
    }
  }
}
