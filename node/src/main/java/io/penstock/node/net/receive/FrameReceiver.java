package io.penstock.node.net.receive;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Tells the transport where to put what it reads: into the unfinished frame, if the decoder has
 * one, so that bytes land where they stay; otherwise into a large buffer that many small frames fit
 * in. One for each connection, since it asks that connection's decoder.
 */
final class FrameReceiver extends DefaultMaxMessagesRecvByteBufAllocator {

  static final int READ_BUFFER_BYTES = 256 * 1024;
  static final int TIGHT_READ_BUFFER_BYTES = 16 * 1024;

  /** What one connection may bring in before the loop looks after the others. */
  private static final long BYTES_PER_ROUND_MAX = 4L << 20;

  private static final int READS_PER_ROUND_MAX = 16;

  private final RequestDecoder decoder;

  FrameReceiver(RequestDecoder decoder) {
    super(READS_PER_ROUND_MAX);
    this.decoder = decoder;
  }

  @Override
  public RecvByteBufAllocator.ExtendedHandle newHandle() {
    return new ReceiveHandle();
  }

  private final class ReceiveHandle extends MaxMessageHandle {

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return decoder.nextReadBuffer(allocator);
    }

    @Override
    public int guess() {
      return READ_BUFFER_BYTES;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return totalBytesRead() < BYTES_PER_ROUND_MAX && super.continueReading(maybeMoreData);
    }
  }
}
