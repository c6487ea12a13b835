package io.penstock.node.net.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.FileRegion;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.AbstractReferenceCounted;
import io.penstock.client.wire.FileRange;
import io.penstock.client.wire.ResponseFrame;
import io.penstock.node.api.CopyableRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One response on its way to one socket: header bytes and file ranges in wire order, sent by the
 * event loop's {@link RegionSender} on the socket's own descriptor. One object for all of it, since
 * a header that goes out alone wakes the reader twice. Used by the loop's thread only. What it
 * holds is released exactly once, when Netty releases it: sent, failed or closed alike.
 *
 * <p>Bytes that the kernel has taken are still the file's pages, not a copy: the ranges must never
 * be written again, nor cut off. What else must hold, and what may be changed, is said in the
 * description of this package.
 */
public final class ResponseRegion extends AbstractReferenceCounted implements FileRegion {

  /** What one call may move, so that a connection that takes much does not hold the loop. */
  static final int BYTES_PER_CALL_MAX = 1 << 20;

  private final Channel channel;
  private final @Nullable RegionSender sender;
  private final ResponseFrame frame;
  private final List<ResponseFrame.Part> parts;
  private final RegionObserver observer;
  private final boolean hasOneRange;
  private long transferred;
  private int current;
  private long sentOfCurrent;

  /**
   * Takes over the frame.
   *
   * @param sender the channel's loop's, or null where the channel has no descriptor to use
   * @param observer told on the loop what was moved, and when nothing is held any longer
   */
  public ResponseRegion(
      Channel channel,
      @Nullable RegionSender sender,
      ResponseFrame frame,
      RegionObserver observer) {
    if (frame.size() <= 0) {
      throw new IllegalArgumentException("an empty region would spin on the event loop");
    }
    this.channel = channel;
    this.sender = sender;
    this.frame = frame;
    this.parts = frame.parts();
    this.hasOneRange = countRanges(parts) == 1;
    this.observer = observer;
  }

  /** Called by Netty when the socket takes bytes, until all are gone or it answers 0. */
  @Override
  public long transferTo(WritableByteChannel target, long position) throws IOException {
    if (position != transferred) {
      throw new IllegalStateException("position=" + position + " transferred=" + transferred);
    }
    long moved = 0;
    while (moved < BYTES_PER_CALL_MAX && current < parts.size()) {
      long step = sendCurrent(target, BYTES_PER_CALL_MAX - moved);
      if (step <= 0) {
        break;
      }
      moved += step;
      sentOfCurrent += step;
      transferred += step;
      if (sentOfCurrent == parts.get(current).size()) {
        current++;
        sentOfCurrent = 0;
      }
    }
    observer.regionMoved(moved);
    return moved;
  }

  private long sendCurrent(WritableByteChannel target, long limit) throws IOException {
    boolean more = current < parts.size() - 1;
    return switch (parts.get(current)) {
      case ResponseFrame.Bytes(ByteBuf bytes) -> sendBytes(bytes, more, target);
      case ResponseFrame.Range(FileRange range) -> sendRange(range, limit, more, target);
    };
  }

  private long sendBytes(ByteBuf bytes, boolean more, WritableByteChannel target)
      throws IOException {
    int offset = (int) sentOfCurrent;
    if (sender != null && bytes.isDirect() && bytes.nioBufferCount() == 1) {
      return sender.sendBytes(descriptor(), bytes, offset, more);
    }
    ByteBuffer view = bytes.nioBuffer(bytes.readerIndex() + offset, bytes.readableBytes() - offset);
    return target.write(view);
  }

  private long sendRange(FileRange range, long limit, boolean more, WritableByteChannel target)
      throws IOException {
    long left = range.size() - sentOfCurrent;
    long count = Math.min(left, limit);
    if (sender != null && range.fd() >= 0) {
      long position = range.position() + sentOfCurrent;
      boolean goesOn = more || count < left;
      return sender.sendRange(descriptor(), range.fd(), position, count, hasOneRange, goesOn);
    }
    if (range instanceof CopyableRange copyable) {
      return copyable.copyTo(sentOfCurrent, count, target);
    }
    throw new IOException("neither a descriptor nor a way to copy the range");
  }

  private static int countRanges(List<ResponseFrame.Part> parts) {
    int count = 0;
    for (ResponseFrame.Part part : parts) {
      count += part instanceof ResponseFrame.Range ? 1 : 0;
    }
    return count;
  }

  private int descriptor() {
    return ((UnixChannel) channel).fd().intValue();
  }

  @Override
  public long position() {
    return 0;
  }

  @Override
  public long transferred() {
    return transferred;
  }

  @Deprecated
  @Override
  public long transfered() {
    return transferred;
  }

  @Override
  public long count() {
    return frame.size();
  }

  @Override
  protected void deallocate() {
    frame.close();
    observer.regionReleased(frame.size());
  }

  @Override
  public FileRegion retain() {
    super.retain();
    return this;
  }

  @Override
  public FileRegion retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public FileRegion touch() {
    return this;
  }

  @Override
  public FileRegion touch(Object hint) {
    return this;
  }
}
