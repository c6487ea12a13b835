package io.penstock.node.net.region;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.penstock.client.wire.ResponseFrame;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Accepts connections on one loop and sends them regions. */
final class RegionServer implements AutoCloseable {

  private final MultiThreadIoEventLoopGroup group;
  private final Channel listening;
  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
  final @Nullable RegionSender sender;
  final AtomicLong releasedBytes = new AtomicLong();
  final AtomicLong movedBytes = new AtomicLong();

  /** With a sender: epoll, by system calls. Without: copies, by either transport. */
  RegionServer(@Nullable RegionSender sender, boolean epoll) {
    this.sender = sender;
    this.group =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.listening =
        new ServerBootstrap()
            .group(group)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Acceptor());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.localAddress();
  }

  Channel nextAccepted() throws InterruptedException {
    Channel channel = accepted.poll(10, TimeUnit.SECONDS);
    if (channel == null) {
      throw new IllegalStateException("nobody connected");
    }
    return channel;
  }

  void send(Channel channel, ResponseFrame frame) {
    ChannelFuture _ = startSending(channel, frame);
  }

  ChannelFuture startSending(Channel channel, ResponseFrame frame) {
    return channel.writeAndFlush(region(channel, frame));
  }

  ResponseRegion region(Channel channel, ResponseFrame frame) {
    return new ResponseRegion(
        channel,
        sender,
        frame,
        new RegionObserver() {
          @Override
          public void regionMoved(long bytes) {
            movedBytes.addAndGet(bytes);
          }

          @Override
          public void regionReleased(long size) {
            releasedBytes.addAndGet(size);
          }
        });
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    if (sender != null) {
      sender.close();
    }
  }

  private final class Acceptor extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      accepted.add(context.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      ChannelFuture _ = context.close();
    }
  }
}
