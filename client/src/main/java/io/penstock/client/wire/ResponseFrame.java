package io.penstock.client.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * An encoded frame, length field included: byte buffers and file ranges in wire order. It owns all
 * of them; whoever receives it closes it, after which neither may be touched. No part is empty.
 * Closing twice is harmless. Not thread-safe.
 */
public final class ResponseFrame implements AutoCloseable {

  /** One piece of the frame. */
  public sealed interface Part {
    int size();
  }

  /** Bytes in memory, from reader to writer index. */
  public record Bytes(ByteBuf buffer) implements Part {
    @Override
    public int size() {
      return buffer.readableBytes();
    }
  }

  /** Bytes that stay in their file until they are sent. */
  public record Range(FileRange range) implements Part {
    @Override
    public int size() {
      return range.size();
    }
  }

  private final long size;
  private List<Part> parts;

  ResponseFrame(List<Part> parts, long size) {
    this.parts = parts;
    this.size = size;
  }

  /** All bytes that go to the socket: the four of the length field and what it counts. */
  public long size() {
    return size;
  }

  /** The parts in wire order; still owned by this frame. */
  public List<Part> parts() {
    return parts;
  }

  /** True where no part lies in a file, so that {@link #takeBytes()} may be called. */
  public boolean isBytesOnly() {
    for (Part part : parts) {
      if (part instanceof Range) {
        return false;
      }
    }
    return true;
  }

  /**
   * Hands the bytes of a frame without file ranges to the caller, who releases them; the frame is
   * empty and closed afterwards.
   */
  public ByteBuf takeBytes() {
    if (!isBytesOnly()) {
      throw new IllegalStateException("the frame has file ranges: its bytes are not all in memory");
    }
    List<Part> taken = parts;
    parts = List.of();
    if (taken.size() == 1) {
      return ((Bytes) taken.get(0)).buffer();
    }
    CompositeByteBuf whole = Unpooled.compositeBuffer(Math.max(1, taken.size()));
    for (Part part : taken) {
      whole.addComponent(true, ((Bytes) part).buffer());
    }
    return whole;
  }

  @Override
  public void close() {
    List<Part> held = parts;
    parts = List.of();
    releaseAll(held);
  }

  static void releaseAll(List<Part> parts) {
    for (Part part : parts) {
      if (part instanceof Bytes bytes) {
        bytes.buffer().release();
      } else if (part instanceof Range range) {
        range.range().release();
      }
    }
  }
}
