package io.penstock.storage.compact;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer that grows with what is appended to it. One thread's; its content lies between 0
 * and {@link #size}. Takes memory when it is first used and gives it back at once when it is
 * released: a garbage collection that would find it may not come for hours.
 */
public final class ScratchBuffer {
  /** More is given back when the buffer is emptied: one huge batch must not stay paid for. */
  private static final int KEPT_BYTES_MAX = 8 << 20;

  private final int firstBytes;
  private @Nullable Arena arena;
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  public ScratchBuffer(int firstBytes) {
    this.firstBytes = firstBytes;
  }

  public int size() {
    return bytes.position();
  }

  public void clear() {
    if (bytes.capacity() > KEPT_BYTES_MAX) {
      release();
    }
    bytes.clear();
  }

  /** Gives the memory back, and the content with it; the buffer may be used again. */
  public void release() {
    replaceBy(null, ByteBuffer.allocate(0));
  }

  /** How much memory it has. */
  public int capacity() {
    return bytes.capacity();
  }

  /** The buffer to append to, with room for so many bytes more; valid until the next call. */
  public ByteBuffer roomFor(int more) {
    if (bytes.remaining() < more) {
      grow(Math.max(2L * bytes.capacity(), (long) bytes.position() + more));
    }
    return bytes;
  }

  @SuppressWarnings("MustBeClosedChecker") // the arena lives as long as the buffer in it
  private void grow(long wanted) {
    long capacity = Math.clamp(wanted, firstBytes, Integer.MAX_VALUE - Long.BYTES);
    Arena grownArena = Arena.ofConfined();
    ByteBuffer grown;
    try {
      grown = grownArena.allocate(capacity, Long.BYTES).asByteBuffer();
    } catch (OutOfMemoryError full) {
      grownArena.close();
      throw full;
    }
    replaceBy(grownArena, grown.put(bytes.flip()));
  }

  private void replaceBy(@Nullable Arena next, ByteBuffer by) {
    Arena former = arena;
    arena = next;
    bytes = by;
    if (former != null) {
      former.close();
    }
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
