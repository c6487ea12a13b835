package io.penstock.storage.compact;

import java.nio.ByteBuffer;

/**
 * A direct buffer that grows with what is appended to it, up to a bound. One thread's; its content
 * lies between 0 and {@link #size}.
 */
public final class ScratchBuffer {
  /** More is given back when the buffer is emptied: one huge batch must not stay paid for. */
  private static final int KEPT_BYTES_MAX = 8 << 20;

  private final int firstBytes;
  private ByteBuffer bytes;

  public ScratchBuffer(int firstBytes) {
    this.firstBytes = firstBytes;
    this.bytes = ByteBuffer.allocateDirect(firstBytes);
  }

  public int size() {
    return bytes.position();
  }

  public void clear() {
    if (bytes.capacity() > KEPT_BYTES_MAX) {
      bytes = ByteBuffer.allocateDirect(firstBytes);
    }
    bytes.clear();
  }

  /** The buffer to append to, with room for so many bytes more; valid until the next call. */
  public ByteBuffer roomFor(int more) {
    if (bytes.remaining() < more) {
      long wanted = Math.max(2L * bytes.capacity(), (long) bytes.position() + more);
      int capacity = (int) Math.min(wanted, Integer.MAX_VALUE - Long.BYTES);
      bytes = ByteBuffer.allocateDirect(capacity).put(bytes.flip());
    }
    return bytes;
  }

  /** Appends a range of another buffer. */
  public void append(ByteBuffer source, int from, int length) {
    ByteBuffer target = roomFor(length);
    int at = target.position();
    target.put(at, source, from, length).position(at + length);
  }

  /** Appends the rest of another buffer, which is used up. */
  public void append(ByteBuffer source) {
    roomFor(source.remaining()).put(source);
  }

  /** Takes back what is behind a place. */
  public void cutTo(int size) {
    bytes.position(size);
  }

  /** The same memory, to be read and patched at absolute places; valid until the next append. */
  public ByteBuffer content() {
    return bytes.duplicate().flip();
  }
}
