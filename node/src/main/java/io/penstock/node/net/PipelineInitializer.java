package io.penstock.node.net;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets an accepted connection up: admission, then the decoder and the {@link Connection} behind it.
 * A handler for TLS would go in front of the two. Shared by all loops.
 */
final class PipelineInitializer extends ChannelInitializer<SocketChannel> {

  private static final Logger log = LoggerFactory.getLogger(PipelineInitializer.class);
  private static final long LOG_PERIOD_NS = 10_000_000_000L;

  private final ListenerContext listener;
  private final ConnectionAdmission admission;
  private final Map<EventLoop, NetworkLoop> loops;
  private final AtomicLong lastId = new AtomicLong();
  private final RateLimitedLog refusals = new RateLimitedLog(log, LOG_PERIOD_NS, System::nanoTime);

  PipelineInitializer(
      ListenerContext listener, ConnectionAdmission admission, Map<EventLoop, NetworkLoop> loops) {
    this.listener = listener;
    this.admission = admission;
    this.loops = loops;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    NetworkLoop loop = loops.get(channel.eventLoop());
    if (loop == null) {
      throw new IllegalStateException("a connection on a foreign event loop");
    }
    if (channel.remoteAddress() == null) { // gone before we saw it
      ChannelFuture _ = channel.close();
      return;
    }
    InetAddress address = channel.remoteAddress().getAddress();
    if (!admission.admit(address)) {
      listener.metrics().refused();
      refusals.warn("Refused a connection, there are too many: peer={}", address);
      ChannelFuture _ = channel.close();
      return;
    }
    ChannelFuture _ = channel.closeFuture().addListener(_ -> admission.release(address));
    Connection connection = new Connection(lastId.incrementAndGet(), channel, loop, listener);
    channel.pipeline().addLast(connection.decoder(), connection);
  }
}
