package io.penstock.node.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the process talks to sockets. NIO works everywhere and costs up to twice the CPU. */
enum Transport {
  EPOLL {
    @Override
    IoHandlerFactory ioHandlers() {
      return EpollIoHandler.newFactory();
    }

    @Override
    Class<? extends ServerSocketChannel> serverChannel() {
      return EpollServerSocketChannel.class;
    }
  },
  NIO {
    @Override
    IoHandlerFactory ioHandlers() {
      return NioIoHandler.newFactory();
    }

    @Override
    Class<? extends ServerSocketChannel> serverChannel() {
      return NioServerSocketChannel.class;
    }
  };

  private static final Logger log = LoggerFactory.getLogger(Transport.class);

  abstract IoHandlerFactory ioHandlers();

  abstract Class<? extends ServerSocketChannel> serverChannel();

  /** The native transport, or NIO and a loud word about it. */
  static Transport choose(boolean nativeWanted) {
    if (!nativeWanted) {
      log.warn("The native transport is switched off: NIO costs up to twice the CPU");
      return NIO;
    }
    if (Epoll.isAvailable()) {
      return EPOLL;
    }
    log.warn(
        "NO NATIVE TRANSPORT: running on NIO, at up to twice the CPU and with fetches copied"
            + " through the process. On Linux this means that the jar netty-transport-native-epoll"
            + " for this processor is missing from the class path: cause={}",
        String.valueOf(Epoll.unavailabilityCause()));
    return NIO;
  }
}
