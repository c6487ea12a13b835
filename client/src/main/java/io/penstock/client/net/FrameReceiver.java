package io.penstock.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Tells the transport where to put what it reads: into the unfinished frame, if there is one, so
 * that a long answer lands where it stays; otherwise where another allocator says. One for each
 * connection, on its loop.
 */
final class FrameReceiver implements RecvByteBufAllocator {

  private final RecvByteBufAllocator otherwise;
  private final FrameAssembler assembler;

  FrameReceiver(RecvByteBufAllocator otherwise, FrameAssembler assembler) {
    this.otherwise = otherwise;
    this.assembler = assembler;
  }

  @Override
  @SuppressWarnings("deprecation") // the type of the method is, what it returns is not
  public Handle newHandle() {
    return new ReceiveHandle((ExtendedHandle) otherwise.newHandle());
  }

  private final class ReceiveHandle implements ExtendedHandle {

    private final ExtendedHandle delegate;

    private ReceiveHandle(ExtendedHandle delegate) {
      this.delegate = delegate;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      ByteBuf frame = assembler.unfinished();
      return frame == null ? delegate.allocate(allocator) : frame;
    }

    @Override
    public int guess() {
      return delegate.guess();
    }

    @Override
    public void reset(ChannelConfig config) {
      delegate.reset(config);
    }

    @Override
    public void incMessagesRead(int count) {
      delegate.incMessagesRead(count);
    }

    @Override
    public void lastBytesRead(int bytes) {
      delegate.lastBytesRead(bytes);
    }

    @Override
    public int lastBytesRead() {
      return delegate.lastBytesRead();
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      delegate.attemptedBytesRead(bytes);
    }

    @Override
    public int attemptedBytesRead() {
      return delegate.attemptedBytesRead();
    }

    @Override
    public boolean continueReading() {
      return delegate.continueReading();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return delegate.continueReading(maybeMoreData);
    }

    @Override
    public void readComplete() {
      delegate.readComplete();
    }
  }
}
