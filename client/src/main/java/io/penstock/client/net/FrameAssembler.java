package io.penstock.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the incoming bytes into frames without their length field, each one contiguous and direct,
 * so that record bytes can be viewed in place. A frame that arrives whole is a slice of what was
 * read; any other is gathered in a buffer of exactly its size. Lives on the loop of its connection.
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
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ByteBuf input = (ByteBuf) message;
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
