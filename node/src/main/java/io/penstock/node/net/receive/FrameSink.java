package io.penstock.node.net.receive;

import io.netty.buffer.ByteBuf;

/** Where a connection's frames go; called on its event loop only. */
public interface FrameSink {

  /**
   * Whether another frame may be handed over now; {@link RequestDecoder#resume} when it may again.
   */
  boolean isReady();

  /** Whether this connection has not sent a valid request yet. */
  boolean awaitsFirstRequest();

  /** Bytes were read from the socket; Netty's {@code channelReadComplete} will follow. */
  void readStarts();

  /** Takes over one frame, without its length field. */
  void frame(ByteBuf frame);

  /** The bytes of this connection cannot be followed any further: it is to be closed. */
  void refuse(String reason, String detail);

  /** Whether to read from the socket; said again whenever it may have changed. */
  void readingWanted(boolean wanted);

  /** Runs on the event loop; callable on any thread. */
  void execute(Runnable task);
}
