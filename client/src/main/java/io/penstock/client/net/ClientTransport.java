package io.penstock.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops that connections live on, and the kind of socket that goes with them: native
 * epoll where it can be loaded, NIO elsewhere. A transport of its own is closed by its owner; one
 * that borrows loops (a node's followers answer on the loops that serve its clients) leaves them
 * running.
 */
public final class ClientTransport implements AutoCloseable {

  private static final int READ_BYTES_MIN = 512;
  private static final int READ_BYTES_FIRST = 4 * 1024;
  private static final int READ_BYTES_MAX = 256 * 1024;
  private static final long SHUTDOWN_TIMEOUT_MS = 2_000;

  private final EventLoopGroup loops;
  private final Class<? extends SocketChannel> socketType;
  private final boolean owned;

  private ClientTransport(
      EventLoopGroup loops, Class<? extends SocketChannel> socketType, boolean owned) {
    this.loops = loops;
    this.socketType = socketType;
    this.owned = owned;
  }

  /** Loops of its own, as daemon threads with this name; they start with their first connection. */
  public static ClientTransport owning(String threadName, int threads) {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(threadName, true), io);
    return new ClientTransport(
        loops, epoll ? EpollSocketChannel.class : NioSocketChannel.class, true);
  }

  /** Loops, or one loop, of somebody else, and the socket type that fits them. */
  public static ClientTransport borrowing(
      EventLoopGroup loops, Class<? extends SocketChannel> socketType) {
    return new ClientTransport(loops, socketType, false);
  }

  Bootstrap bootstrap(int connectTimeoutMs, ChannelHandler handler) {
    return new Bootstrap()
        .group(loops)
        .channel(socketType)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(READ_BYTES_MIN, READ_BYTES_FIRST, READ_BYTES_MAX))
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMs)
        .handler(handler);
  }

  /** Ends own loops in the background; what is still pending on them fails. */
  @Override
  public void close() {
    if (owned) {
      var unused = loops.shutdownGracefully(0, SHUTDOWN_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }
  }
}
