package io.penstock.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the incoming bytes into frames without their length field, each one contiguous and direct,
 * so that record bytes can be viewed in place. A frame that arrives whole is a slice of what was
 * read; any other is gathered in a buffer of exactly its size, into which the transport reads the
 * rest of it ({@link FrameReceiver}). Lives on the loop of its connection.
 */
final class FrameAssembler extends ChannelInboundHandlerAdapter {

  private final int frameBytesMax;

  /** The first bytes of a length field that was cut in two, and how many there are. */
  private int lengthSoFar;

  private int lengthBytes;

  /** The frame being gathered; its writable bytes are what is still to come. */
  private @Nullable ByteBuf partial;

  FrameAssembler(int frameBytesMax) {
    this.frameBytesMax = frameBytesMax;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ChannelConfig config = context.channel().config();
    RecvByteBufAllocator allocator = config.getRecvByteBufAllocator();
    config.setRecvByteBufAllocator(new FrameReceiver(allocator, this));
  }

  /** The frame that the next bytes belong to, with a reference of the caller's own, or null. */
  @Nullable ByteBuf unfinished() {
    ByteBuf frame = partial;
    return frame == null ? null : frame.retain();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ByteBuf input = (ByteBuf) message;
    if (isUnfinished(input)) {
      input.release();
      if (!input.isWritable()) {
        partial = null;
        context.fireChannelRead(input);
      }
      return;
    }
    try {
      while (input.isReadable()) {
        ByteBuf frame = partial == null ? nextFrame(context, input) : moreOf(partial, input);
        if (frame != null) {
          partial = null;
          context.fireChannelRead(frame);
        }
      }
    } finally {
      input.release();
    }
  }

  @SuppressWarnings("ReferenceEquality") // equal content in another buffer is another thing
  private boolean isUnfinished(ByteBuf input) {
    return input == partial;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    ByteBuf unfinished = partial;
    partial = null;
    if (unfinished != null) {
      unfinished.release();
    }
  }

  private @Nullable ByteBuf nextFrame(ChannelHandlerContext context, ByteBuf input)
      throws BrokerConnectionException {
    while (lengthBytes < Integer.BYTES) {
      if (!input.isReadable()) {
        return null;
      }
      lengthSoFar = (lengthSoFar << Byte.SIZE) | input.readUnsignedByte();
      lengthBytes++;
    }
    int length = lengthSoFar;
    lengthSoFar = 0;
    lengthBytes = 0;
    if (length < 0 || length > frameBytesMax) {
      throw new BrokerConnectionException(
          BrokerConnectionException.Kind.MALFORMED,
          "a frame of " + length + " bytes; at most " + frameBytesMax + " are taken");
    }
    if (input.readableBytes() >= length) {
      return input.readRetainedSlice(length);
    }
    ByteBuf frame = context.alloc().directBuffer(length, length);
    partial = frame;
    return moreOf(frame, input);
  }

  private static @Nullable ByteBuf moreOf(ByteBuf frame, ByteBuf input) {
    frame.writeBytes(input, Math.min(frame.writableBytes(), input.readableBytes()));
    return frame.isWritable() ? null : frame;
  }
}
